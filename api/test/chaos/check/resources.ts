import type { Measured } from '../history.ts';
import type { Book } from './book.ts';
import type { Note } from './verdict.ts';

/** What a process may hold in the end, if it held so much at rest before. */
type Bound = { readonly factor: number; readonly more: number };

const MB = 1024 * 1024;
/**
 * By what the name of a value ends with, in lower case; the first that fits. Some is kept on purpose for half a minute after its last use
 * (hubs, and with them topics in Redis): the last look is to be taken later than that. Pools of connections fill up once they were needed.
 */
const bounds: readonly (readonly [string, Bound])[] = [
  // Garbage that nobody has collected yet, compiled code, and caches with a bound.
  ['heapbytes', { factor: 1.5, more: 64 * MB }],
  ['externalbytes', { factor: 2, more: 64 * MB }],
  ['rssbytes', { factor: 2, more: 192 * MB }],
  // Each connection to a store, and its timer.
  ['handles', { factor: 1.5, more: 60 }],
  ['openfiles', { factor: 1.5, more: 60 }],
  ['requests', { factor: 2, more: 20 }],
  // The people have gone: at most one who measures.
  ['sockets', { factor: 1, more: 4 }],
  ['bufferedbytes', { factor: 1, more: MB }],
  ['streams', { factor: 1, more: 4 }],
  ['peopleconnected', { factor: 1, more: 4 }],
  ['peoplewatched', { factor: 1, more: 4 }],
  ['subscriptions', { factor: 1, more: 8 }],
  ['iterators', { factor: 1, more: 4 }],
  ['readers', { factor: 1, more: 4 }],
  ['operations', { factor: 1, more: 4 }],
  ['hubs', { factor: 1, more: 4 }],
  ['feeds', { factor: 1, more: 4 }],
  ['leases', { factor: 1, more: 4 }],
  ['waiting', { factor: 1, more: 0 }],
  ['pending', { factor: 1, more: 4 }],
];
const bytes: Bound = { factor: 2, more: 192 * MB };
/** Of what nobody has said more: only what grows with every fault or message shows. */
const generous: Bound = { factor: 3, more: 100 };

export function boundOf(name: string): Bound {
  const lower = name.toLowerCase();
  const found = bounds.find(([ending]) => lower.endsWith(ending));
  return found?.[1] ?? (lower.endsWith('bytes') ? bytes : generous);
}

/** `resources`: a process holds more at rest after the run than before it. Of a process that was started anew, it is what the one before held. */
export function checkResources({ lines }: Book, note: Note): void {
  const before = new Map<string, Measured['values']>();
  for (const line of lines) {
    if (line.kind !== 'resources') continue;
    if (line.moment === 'baseline') {
      before.set(line.process, { ...before.get(line.process), ...line.values });
      continue;
    }
    const baseline = before.get(line.process);
    if (baseline === undefined) continue;
    for (const [name, value] of Object.entries(line.values)) {
      const base = Object.hasOwn(baseline, name) ? baseline[name] : undefined;
      const { factor, more } = boundOf(name);
      if (base !== undefined && value > base * factor + more)
        note('resources', `${line.process} holds ${value} ${name}, and held ${base} before`, line.t);
    }
  }
}
