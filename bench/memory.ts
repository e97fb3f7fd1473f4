import { extname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { costOf } from './process-cost.ts';
import { round } from './spread.ts';

/** What a process holds when all of its garbage is collected. */
export type Memory = { readonly rssMb: number; readonly heapMb: number };

/** Gives a process of Node what `settledMemory` needs. */
export const collectable: readonly string[] = [
  '--import',
  new URL(`./collect-garbage${extname(import.meta.url)}`, import.meta.url).href,
];

/** What is freed goes back to the system a little later, and what waits for a finaliser by the collection after that. */
const betweenMs = 1_000;
/** Until two collections in a row leave the same, but for so much. */
const sameMb = 0.5;
const mostCollections = 15;
/** A collection of a few hundred megabytes takes a second. */
const patienceMs = 30_000;

const mb = 1_048_576;

/** Hears the lines of a process that was started with `collectable`. */
export function createMemoryWatch() {
  let onCollected = (_heapBytes: number) => {};

  /** Resolves with the bytes of the heap that are left. */
  async function collect(pid: number): Promise<number> {
    const collected = new Promise<number>((resolve) => {
      onCollected = resolve;
    });
    const late = pause(patienceMs, undefined, { ref: false }).then(() => {
      throw new Error('The server did not collect its garbage.');
    });
    process.kill(pid, 'SIGUSR2');
    return Promise.race([collected, late]);
  }

  return {
    onLine(line: string): void {
      const [, left] = /^garbage was collected: (\d+) bytes are left$/.exec(line) ?? [];
      if (left !== undefined) onCollected(Number(left));
    },
    /** Collects until no more goes, and says what is left. */
    async settled(pid: number): Promise<Memory> {
      let rssMb = Number.POSITIVE_INFINITY;
      for (let count = 1; ; count += 1) {
        const heap = await collect(pid);
        await pause(betweenMs);
        const before = rssMb;
        rssMb = (await costOf(pid)).rssMb;
        if (Math.abs(before - rssMb) <= sameMb || count === mostCollections)
          return { rssMb, heapMb: round(heap / mb) };
      }
    },
  };
}
