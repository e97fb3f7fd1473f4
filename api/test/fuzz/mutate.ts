import type { Random } from '../smoke/random.ts';

/** A change of some bytes: flipped, cut out, put in, doubled, or exchanged with others. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const [from, to] = stretchOf(bytes.length, random);
  const [before, inside, behind] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
  const noise = () => Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
  const changes = [
    () => {
      const flipped = Buffer.from(bytes);
      flipped[from] = (flipped[from] ?? 0) ^ (1 << random.below(8));
      return flipped;
    },
    () => Buffer.concat([before, behind]),
    () => Buffer.concat([before, inside, inside, behind]),
    () => Buffer.concat([before, noise(), behind]),
    () => Buffer.concat([before, noise(), inside, behind]),
    () => before,
    () => Buffer.concat([bytes, bytes]),
  ];
  return random.pick(changes)();
}

/** Mostly a few bytes, now and then most of them. */
function stretchOf(length: number, random: Random): readonly [number, number] {
  const from = random.below(Math.max(1, length));
  const most = random.next() < 0.8 ? 8 : length;
  return [from, Math.min(length, from + 1 + random.below(Math.max(1, most)))];
}

const tokens = /"(?:[^"\\\n]|\\.)*"|[\w$@]+|\.\.\.|[^\s\w]/g;
const words = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '!',
  '...',
  '@',
  '$',
  'on',
  'fragment',
  'query',
  'subscription',
  'mutation',
  'null',
  '__typename',
  '__schema',
  '1e999',
  '-1',
  '""',
  '"""',
  '#',
  ',',
  '&',
  '|',
  '=',
  '\u0000',
  '\ufeff',
];

/** A document with some of its words left out, doubled, exchanged, or taken from another one. */
export function mutateDocument(text: string, other: string, random: Random): string {
  const found = text.match(tokens) ?? [];
  const foreign = other.match(tokens) ?? words;
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
    const at = random.below(found.length + 1);
    const token = random.pick(random.next() < 0.5 ? words : foreign);
    const kind = random.below(5);
    if (kind === 0) found.splice(at, 1);
    else if (kind === 1) found.splice(at, 1, token);
    else if (kind === 2) found.splice(at, 0, token);
    else if (kind === 3) found.splice(at, 0, ...found.slice(at, at + random.below(12)));
    else found.splice(at, 1 + random.below(6), ...foreign.slice(0, random.below(20)));
  }
  return found.join(' ');
}

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

/** Values of all kinds, where others are expected. */
const strange: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => '',
  () => [],
  () => ({}),
  () => -1,
  () => 1.5,
  () => 2 ** 53,
  () => -1e308,
  () => 'x'.repeat(300),
  (random) => 'y'.repeat(random.below(40_000)),
  (random) => deep(1 + random.below(500)),
  () => '\ud800',
  () => '\u0000',
  () => '__proto__',
  () => JSON.parse('{"__proto__":{"a":1},"constructor":null,"toJSON":1}'),
  () => [null, [{}], 'x'],
  (random) => random.below(1e9),
];

type Tree = Record<string, unknown> | unknown[];
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Every place of a tree: what it stands in, and under which name. */
function placesIn(tree: Tree): { readonly within: Tree; readonly key: string }[] {
  return Object.entries(tree).flatMap(([key, value]) => [
    { within: tree, key },
    ...(isTree(value) ? placesIn(value) : []),
  ]);
}

/** A frame with one of its values exchanged, left out, doubled, wrapped or renamed. The given one stays as it is. */
export function mutateFrame(frame: Record<string, unknown>, random: Random): Record<string, unknown> {
  const changed = structuredClone(frame);
  const { within, key } = random.pick(placesIn(changed));
  const value = Reflect.get(within, key);
  const put = (name: string, other: unknown) =>
    Object.defineProperty(within, name, {
      value: other,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  const changes = [
    () => put(key, random.pick(strange)(random)),
    () => put(key, random.pick(strange)(random)),
    () => Reflect.deleteProperty(within, key),
    () => put(key, [value, value]),
    () => put(key, { [key]: value }),
    () => put(`${key}${random.pick(['', 's', '\u0000', ' '])}`, random.pick(strange)(random)),
    () => put('__proto__', value),
  ];
  random.pick(changes)();
  return changed;
}

/** What no JavaScript writes: numbers that it cannot hold, names that come twice, a depth at which it would end. */
export const mutateJson = (text: string, random: Random): string =>
  random.pick([
    () => text.replace(/:\s*(\d+|true|false|null)/, ':1e999'),
    () => text.replace(/:\s*"[^"]*"/, `:-0.${'0'.repeat(200)}1`),
    () => text.replace('{', '{"type":"complete","id":"1",'),
    () => text.replace(/}$/, ',"type":"subscribe"}'),
    () => text.replace('"payload":', '"payload":{},"payload":'),
    () => text.replace(/:\s*"[^"]*"/, `:${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    () => `[${text}]`,
    () => ` \n${text}\t`,
    () => `${text}${text}`,
    () => text.replaceAll('"', "'"),
    () => text.slice(0, random.below(text.length)),
  ])();
