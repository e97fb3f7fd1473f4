import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../schema/ports/clock.ts';
import type { RateRule } from '../../schema/ports/limiter.ts';
import { missingRedis, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openRedisLimiter } from './limiter.redis.ts';
import { openRedis } from './redis-connection.ts';

requires('redis', missingRedis);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const work: RateRule = { name: 'work', most: 1_000, windowMs: 60_000 };

describe('a Redis that does not answer any more', { timeout: 60_000 }, () => {
  it('lets nobody pass who asked later than one who waits for it', async () => {
    const server = await startRedis();
    closers.push(server.close);
    const logger = pino({ level: 'silent' });
    const redis = await openRedis(server.url, { logger, installation: 'one' });
    closers.push(redis.close);
    const limiter = await openRedisLimiter({ redis, clock: systemClock, logger });
    closers.push(limiter.close);
    await limiter.take(work, 'ann');
    server.pause();
    closers.push(async () => server.resume());
    const answered: string[] = [];
    const take = async (name: string) => {
      await limiter.take(work, 'ann');
      answered.push(name);
    };
    const first = take('first');
    await limiter.take(work, 'bob').catch(() => undefined); // from here on nobody waits any more
    const second = take('second');
    await Promise.all([first, second]);
    // One asks again for all, after a pause, and waits; the next one does not.
    await expect
      .poll(
        async () => {
          const since = performance.now();
          const before = answered.length;
          const asking = take('asks again');
          await Promise.all([asking, take('behind it')]);
          expect(answered.slice(before)).toEqual(['asks again', 'behind it']);
          return performance.now() - since;
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(200);
    expect(answered.slice(0, 2)).toEqual(['first', 'second']);
  });
});
