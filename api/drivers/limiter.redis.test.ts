import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limiterContract } from '../../schema/ports/limiter.contract.ts';
import type { Limiter, RateRule } from '../../schema/ports/limiter.ts';
import { missingRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openRedisLimiterWorld, type RedisLimiterWorld } from './test/redis-limiters.ts';

const isThere = requires('redis', missingRedis);

limiterContract('redis', openRedisLimiterWorld);

const messages: RateRule = { name: 'messages', most: 3, windowMs: 60_000 };
const passwords: RateRule = { name: 'passwords', most: 3, windowMs: 60_000, guardsSecret: true };

const granted = async (limiter: Limiter, rule: RateRule, count: number) => {
  const answers: boolean[] = [];
  for (let nth = 0; nth < count; nth += 1) answers.push((await limiter.take(rule, 'ada')).isGranted);
  return answers;
};
/** It is tried again by itself, once a second. */
const untilBack = (limiter: Limiter) =>
  expect.poll(() => limiter.countOf(passwords, 'nobody').catch(() => 'gone')).toBe(0);
const untilGone = (limiter: Limiter) =>
  expect.poll(() => limiter.countOf(passwords, 'nobody').catch(() => 'gone')).toBe('gone');

describe('a limiter whose Redis is gone', () => {
  let world: RedisLimiterWorld;
  beforeEach(async () => {
    if (isThere) world = await openRedisLimiterWorld();
  });
  afterEach(() => world?.close());

  it('goes on by what each process counts, for what shares out work', async () => {
    const [one, two] = [await world.openLimiter(), await world.openLimiter()];
    expect(await granted(one, messages, 2)).toEqual([true, true]);
    await world.server.kill();
    for (const limiter of [one, two]) {
      await untilGone(limiter);
      expect(await granted(limiter, messages, 4)).toEqual([true, true, true, false]);
      expect(await limiter.countOf(messages, 'ada')).toBe(3);
      await limiter.giveBack(messages, 'ada');
      expect(await limiter.countOf(messages, 'ada')).toBe(2);
      await limiter.reset(messages, 'ada');
      expect(await limiter.countOf(messages, 'ada')).toBe(0);
    }
  });

  it('rejects whatever concerns a secret', async () => {
    const limiter = await world.openLimiter();
    await world.server.kill();
    await expect(limiter.take(passwords, 'ada')).rejects.toThrow();
    await expect(limiter.giveBack(passwords, 'ada')).rejects.toThrow();
    await expect(limiter.countOf(passwords, 'ada')).rejects.toThrow();
    await expect(limiter.reset(passwords, 'ada')).rejects.toThrow();
  });

  it('counts for all processes together as soon as it is back', async () => {
    const [one, two] = [await world.openLimiter(), await world.openLimiter()];
    await world.server.kill();
    for (const limiter of [one, two]) await untilGone(limiter);
    await world.server.startAgain();
    for (const limiter of [one, two]) await untilBack(limiter);
    for (const rule of [messages, passwords]) {
      expect(await granted(one, rule, 2)).toEqual([true, true]);
      expect(await granted(two, rule, 2)).toEqual([true, false]);
    }
  });

  it('keeps nobody waiting for one that stands still, but the first who asks', async () => {
    const limiter = await world.openLimiter();
    await granted(limiter, messages, 3);
    await granted(limiter, passwords, 2);
    world.server.pause();
    await expect(limiter.take(passwords, 'ada')).rejects.toThrow();
    const asked = performance.now();
    expect(await granted(limiter, messages, 4)).toEqual([true, true, true, false]);
    await expect(limiter.take(passwords, 'ada')).rejects.toThrow();
    // Five questions, of which each would have waited for half a second; the rest is for a busy computer.
    expect(performance.now() - asked).toBeLessThan(2_400);
    world.server.resume();
    await untilBack(limiter);
    expect(await granted(limiter, messages, 1)).toEqual([false]);
  });
});
