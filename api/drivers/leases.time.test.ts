import { expect, it } from 'vitest';
import { createRedisTime } from './leases.time.ts';

/** What a question tells that was `tookMs` on its way there and back, to a Redis that is `aheadMs` ahead. */
const sample = (askedAt: number, aheadMs: number, [thereMs, backMs]: readonly [number, number]) => ({
  askedAt,
  redisMs: askedAt + thereMs + aheadMs,
  heardAt: askedAt + thereMs + backMs,
});

it('translates times there and back by whoever was answered quickest, however slow the others were', () => {
  const time = createRedisTime();
  time.learn(sample(1_000, 5_000, [400, 2]));
  time.learn(sample(4_000, 5_000, [1, 1]));
  for (let nth = 0; nth < 10; nth += 1) time.learn(sample(7_000 + nth * 3_000, 5_000, [3, 450]));
  expect(Math.abs(time.toRedis(50_000) - 55_000)).toBeLessThanOrEqual(1);
  expect(time.toOwn(time.toRedis(50_000))).toBe(50_000);
});

it('believes at once that a clock was set, and soon that it goes too fast', () => {
  const time = createRedisTime();
  for (let nth = 0; nth < 30; nth += 1) time.learn(sample(nth * 3_000, 5_000, [1, 1]));
  time.learn(sample(100_000, -7_000, [20, 40]));
  expect(Math.abs(time.toRedis(100_000) - 93_000)).toBeLessThanOrEqual(40);
  for (let nth = 0; nth < 1_000; nth += 1) time.learn(sample(200_000 + nth * 3_000, nth, [1, 2]));
  expect(Math.abs(time.toRedis(0) - 999)).toBeLessThanOrEqual(4);
});
