import { expect, it } from 'vitest';
import { createRandom, upTo } from '../ports/random.contract.ts';
import { firstWhere } from './first-where.ts';

/** Looks for the first number from `wanted` on, and counts the reads. */
async function find(count: number, wanted: number) {
  const reads: (readonly number[])[] = [];
  const found = await firstWhere(count, async (numbers) => {
    reads.push(numbers);
    return numbers.map((number) => number >= wanted);
  });
  return { found, reads };
}

it('finds each number of a short list, and its end', async () => {
  for (const count of [0, 1, 2, 30, 31, 32, 33, 100])
    for (const wanted of upTo(count + 1)) expect((await find(count, wanted)).found).toBe(wanted);
});

const seed = 20_240_531;
it(`asks at most four times about a million, for at most 31 numbers at once (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const chosen = upTo(200).map(() => 1 + Math.floor(random() * 1_000_000));
  for (const wanted of [1, 2, 500_000, 999_999, 1_000_000, 1_000_001, ...chosen]) {
    const { found, reads } = await find(1_000_000, wanted);
    expect(found).toBe(wanted);
    expect(reads.length).toBeLessThanOrEqual(4);
    for (const numbers of reads) {
      expect(numbers.length).toBeLessThanOrEqual(31);
      expect(numbers.every((number) => number >= 1 && number <= 1_000_000)).toBe(true);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }
  }
});

it('ends for as many as a number can count', async () => {
  const { found, reads } = await find(Number.MAX_SAFE_INTEGER - 1, 123_456_789);
  expect(found).toBe(123_456_789);
  expect(reads.length).toBeLessThanOrEqual(11);
});
