import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { headCacheContract } from '../../schema/ports/head-cache.contract.ts';
import type { HeadCache } from '../../schema/ports/head-cache.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { missingRedis, type RedisServer, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openRedisHeadCache } from './head-cache.redis.ts';
import { openRedis, type RedisConnection } from './redis-connection.ts';

requires('redis', missingRedis);
const logger = pino({ enabled: false });

/** A Redis, and caches on it. Closes in reverse order. */
async function openWorld() {
  const server = await startRedis();
  const closers = [server.close];
  const open = async (): Promise<{ readonly cache: HeadCache; readonly redis: RedisConnection }> => {
    const redis = await openRedis(server.url, { logger, installation: 'one' });
    const cache = await openRedisHeadCache(redis);
    closers.unshift(cache.close, redis.close);
    return { cache, redis };
  };
  const close = async () => {
    for (const one of closers) await one();
  };
  return { server, open, openCache: async () => (await open()).cache, close };
}

headCacheContract('redis', openWorld);

async function world(): Promise<{
  readonly server: RedisServer;
  readonly cache: HeadCache;
  readonly redis: RedisConnection;
}> {
  const { server, open, close } = await openWorld();
  onTestFinished(close);
  return { server, ...(await open()) };
}

const atOf = async (cache: HeadCache, place: string) => (await cache.newest([place])).get(place)?.at;

describe('heads in Redis', () => {
  it('are empty when Redis has lost its memory, and noted again with the next commit', async () => {
    const { cache, redis } = await world();
    cache.note('a', { epoch: 1, at: 5 });
    await expect.poll(() => atOf(cache, 'a')).toBe(5);
    await redis.commands.flushall();
    await redis.commands.script('FLUSH');
    expect(await atOf(cache, 'a')).toBeUndefined();
    cache.note('a', { epoch: 1, at: 6 });
    await expect.poll(() => atOf(cache, 'a')).toBe(6);
  });

  it('know nothing while Redis is gone, and keep what is noted then until it is back', async () => {
    const { server, cache } = await world();
    await server.kill();
    for (const at of [5, 7, 6]) cache.note('a', { epoch: 1, at });
    expect(await cache.newest(['a'])).toEqual(new Map());
    await server.startAgain();
    await expect.poll(() => atOf(cache, 'a')).toBe(7);
  });

  it('are not sent over and over to a Redis that refuses them', async () => {
    const { cache, redis } = await world();
    await redis.commands.acl('SETUSER', 'default', '-eval', '-evalsha');
    cache.note('a', { epoch: 1, at: 5 });
    for (const _ of upTo(50)) await redis.commands.ping();
    const [, refused] = /errorstat_NOPERM:count=(\d+)/.exec(await redis.commands.info('errorstats')) ?? [];
    expect(refused).toBe('1');
    await redis.commands.acl('SETUSER', 'default', '+eval', '+evalsha');
    await expect.poll(() => atOf(cache, 'a')).toBe(5);
  });

  it('believe nothing that nobody of ours wrote, and put it right', async () => {
    const { cache, redis } = await world();
    const places = ['words', 'half', 'huge', 'list'];
    await redis.commands.mset(
      'head:words',
      'no mark',
      'head:half',
      '1.',
      'head:huge',
      '1.99999999999999999999',
    );
    await redis.commands.rpush('head:list', '1.5');
    expect(await cache.newest(places)).toEqual(new Map());
    for (const place of places) cache.note(place, { epoch: 1, at: 2 });
    const found = new Map(places.map((place) => [place, { epoch: 1, at: 2 }]));
    found.delete('huge'); // ahead of what is noted, until it is forgotten: it is never handed out
    await expect.poll(() => cache.newest(places)).toEqual(found);
  });

  it('are forgotten after a minute, so that quiet channels cost nothing', async () => {
    const { cache, redis } = await world();
    cache.note('a', { epoch: 1, at: 5 });
    await expect.poll(() => redis.commands.pttl('head:a')).toBeGreaterThan(0);
    expect(await redis.commands.pttl('head:a')).toBeLessThanOrEqual(60_000);
  });

  it('go to Redis in few commands, and come from it in few', async () => {
    const { cache, redis } = await world();
    const calls = async () => {
      const stats = await redis.commands.info('commandstats');
      const [, scripts] = /cmdstat_evalsha:calls=(\d+)/.exec(stats) ?? [];
      const [, reads] = /cmdstat_mget:calls=(\d+)/.exec(stats) ?? [];
      return { scripts: Number(scripts ?? 0), reads: Number(reads ?? 0) };
    };
    cache.note('first', { epoch: 1, at: 1 }); // Redis has the script from then on
    await expect.poll(() => atOf(cache, 'first')).toBe(1);
    const before = await calls();
    const places = upTo(2_000).map((nth) => `place:${nth}`);
    for (const at of [1, 2, 3]) for (const place of places) cache.note(place, { epoch: 1, at });
    await expect.poll(async () => (await calls()).scripts).toBe(before.scripts + 4);
    expect((await cache.newest(places)).size).toBe(2_000);
    expect(await calls()).toEqual({ scripts: before.scripts + 4, reads: before.reads + 2 });
  });
});
