import { pino } from 'pino';
import { systemClock } from '../../../schema/ports/clock.ts';
import type { LimiterWorld } from '../../../schema/ports/limiter.contract.ts';
import { type RedisServer, startRedis } from '../../test/engines/redis.ts';
import { openRedisLimiter } from '../limiter.redis.ts';
import { openRedis, type RedisConnection } from '../redis-connection.ts';

const logger = pino({ enabled: false });

/** `server`: the Redis behind it. */
export type RedisLimiterWorld = LimiterWorld & { readonly server: RedisServer };

/** A Redis of its own, and as many processes on it as are opened, each with a connection of its own. */
export async function openRedisLimiterWorld(): Promise<RedisLimiterWorld> {
  const server = await startRedis();
  const opened: RedisConnection[] = [];
  let passedMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + passedMs };
  return {
    server,
    now: clock.now,
    async openLimiter() {
      const redis = await openRedis(server.url, { logger, installation: 'a test' });
      opened.push(redis);
      return openRedisLimiter({ redis, clock, logger });
    },
    /** Of time Redis knows only how long each count still stands. */
    async pass(ms) {
      passedMs += ms;
      const [first] = opened;
      if (first) await shorten(first, ms);
    },
    async close() {
      for (const redis of opened) await redis.close();
      await server.close();
    },
  };
}

async function shorten({ commands, prefix }: RedisConnection, ms: number): Promise<void> {
  for (const key of await commands.keys(`${prefix}*`)) {
    const own = key.slice(prefix.length);
    const leftMs = await commands.pttl(own);
    if (leftMs > ms) await commands.pexpire(own, leftMs - ms);
    else await commands.del(own);
  }
}
