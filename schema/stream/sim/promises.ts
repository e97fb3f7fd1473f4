import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

/** So many seeds are one test, so that `-t 'seeds 51 to 75'` runs few. */
const seedsPerTest = 25;
/** A hundred times what it takes. */
const timeoutMs = 240_000;

/** What went wrong, with the seed that shows it again: `it.each([seed])` below runs nothing else. */
async function brokenIn(seeds: readonly number[]): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const seed of seeds)
    for (const problem of (await simulate(seed)).slice(0, 5)) broken.push(`seed ${seed}: ${problem}`);
  return broken;
}

const seedsFrom = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** One simulated world per seed, each with its own weather; in none of them a promise is broken. */
export function promisesHoldFor(first: number, last: number, suspects: readonly number[]): void {
  const starts = seedsFrom(first, last).filter((seed) => (seed - first) % seedsPerTest === 0);
  const ranges = starts.map((start) => [start, Math.min(start + seedsPerTest - 1, last)] as const);

  describe('promises G1 to G7', () => {
    it.each(ranges)('hold for seeds %i to %i', { timeout: timeoutMs }, async (from, to) => {
      expect(await brokenIn(seedsFrom(from, to))).toEqual([]);
    });

    it.each(suspects)('hold for the suspect %i', { timeout: timeoutMs }, async (seed) => {
      expect(await brokenIn([seed])).toEqual([]);
    });
  });
}
