import { expect, it } from 'vitest';
import { createManualClock } from './clock.manual.ts';
import { limiterContract } from './limiter.contract.ts';
import { openMemoryLimiter } from './limiter.memory.ts';

limiterContract('memory', async () => {
  const clock = createManualClock(1_000_000);
  const limiter = openMemoryLimiter({ clock });
  return {
    openLimiter: async () => limiter,
    now: clock.now,
    pass: clock.advance,
    close: limiter.close,
  };
});

const rule = { name: 'once', most: 1, windowMs: 60_000 };
const keys = (count: number) => Array.from({ length: count }, (_, nth) => `key ${nth}`);

it('holds so many keys of a rule and no more: those that would end first are forgotten', async () => {
  const limiter = openMemoryLimiter({ clock: createManualClock(0), maxKeys: 10 });
  await limiter.take({ ...rule, name: 'another' }, 'untouched');
  for (const key of keys(25)) await limiter.take(rule, key);
  const counts = await Promise.all(keys(25).map((key) => limiter.countOf(rule, key)));
  expect(counts).toEqual([...Array.from({ length: 15 }, () => 0), ...Array.from({ length: 10 }, () => 1)]);
  expect(await limiter.countOf({ ...rule, name: 'another' }, 'untouched')).toBe(1);
});

it('makes room for new keys by what has ended before it forgets what has not', async () => {
  const clock = createManualClock(0);
  const limiter = openMemoryLimiter({ clock, maxKeys: 10 });
  for (const key of keys(5)) await limiter.take(rule, key);
  await clock.advance(30_000);
  for (const key of ['a', 'b', 'c', 'd', 'e']) await limiter.take(rule, key);
  await clock.advance(30_000);
  for (const key of ['f', 'g', 'h', 'i', 'j']) await limiter.take(rule, key);
  expect(await limiter.countOf(rule, 'a')).toBe(1);
});
