import { expect, it } from 'vitest';
import { createManualClock } from '../schema/ports/clock.manual.ts';
import { upTo } from '../schema/ports/random.contract.ts';
import { inSteps } from './in-steps.ts';

/** When something was done to each of so many, in milliseconds from the beginning. */
async function timesOf(count: number, overMs: number): Promise<number[]> {
  const clock = createManualClock(0);
  const times: number[] = [];
  const done = inSteps(upTo(count), { overMs, clock }, () => times.push(clock.now()));
  await clock.advance(overMs);
  await done;
  return times;
}
const inEachSecond = (times: readonly number[], seconds: number) =>
  Array.from({ length: seconds }, (_, nth) => times.filter((at) => Math.floor(at / 1_000) === nth).length);

it('what is done in steps is done to everybody, as often in each second as in any other', async () => {
  expect(inEachSecond(await timesOf(10, 5_000), 5)).toEqual([2, 2, 2, 2, 2]);
  const many = inEachSecond(await timesOf(20_000, 20_000), 20); // 50 steps of 400
  expect([many.reduce((sum, count) => sum + count), Math.min(...many), Math.max(...many)]).toEqual([
    20_000, 800, 1_200,
  ]);
});

it('what is done in steps is done at once where there is no time, and to nobody where there is none', async () => {
  expect(await timesOf(3, 0)).toEqual([0, 0, 0]);
  expect(await timesOf(0, 1_000)).toEqual([]);
});
