import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missingRedis, type RedisServer, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { defineScripts } from './lua.ts';
import { openRedis, type RedisConnection } from './redis-connection.ts';

// Each script for itself, on what it reads and writes.

const isThere = requires('redis', missingRedis);

let server: RedisServer;
let connection: RedisConnection;
beforeAll(async () => {
  if (!isThere) return;
  server = await startRedis();
  connection = await openRedis(server.url, { logger: pino({ enabled: false }), installation: 'a test' });
  defineScripts(connection.commands, ['touch-lease-2', 'change-claim-4', 'reap-leases-3']);
});
afterAll(async () => {
  await connection?.close();
  await server?.close();
});
beforeEach(() => void (isThere && connection.commands.flushall()));

const leaseMs = 10_000;
const memoryMs = 600_000;
const redis = () => connection.commands;
async function redisNow(): Promise<number> {
  const [seconds, micros] = await redis().time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
const endsOf = async (holder: string) => {
  const ends = await redis().zscore('ends', holder);
  return ends === null ? undefined : Number(ends);
};
const touch = (holder: string) => redis().touchLease('ends', 'since', holder, leaseMs);
const soon = async () => (await redisNow()) + 1_000;
/** `ends`: when the claim runs out, if not with its process. */
const claim = async (holder: string, entry: string, ends: number | '-' = '-') =>
  redis().changeClaim(
    ...(['ends', 'since', 'key:k', `held:${holder}`] as const),
    ...[holder, leaseMs, await soon(), memoryMs, `${holder} ${entry}`, `k ${holder} ${entry}`],
    ...[ends, ends, '{"is":1}'],
  );
/** `by`: who holds it now. */
const drop = async (from: string, entry: string, by = from) =>
  redis().changeClaim(
    ...(['ends', 'since', 'key:k', `${by === from ? 'held' : 'handed'}:${by}`] as const),
    ...[by, leaseMs, await soon(), memoryMs, `${from} ${entry}`, `k ${from} ${entry}`],
  );
const reap = async (heir: string, most = 10) =>
  redis().reapLeases(
    ...(['ends', 'since', `handed:${heir}`] as const),
    ...([heir, await soon(), 1_000, most, connection.prefix] as const),
  );
const changed = async () => Number((await redis().hget('key:k', 'changed'))?.split(' ')[0]);
const die = (holder: string) => redis().zadd('ends', 1, holder);

describe('touch-lease-2', () => {
  it('renews a lease for as long as it is told, by the clock of Redis, and says what time it is there', async () => {
    const before = await redisNow();
    const [, now] = await touch('one');
    expect(now).toBeGreaterThanOrEqual(before);
    expect(await endsOf('one')).toBe(now + leaseMs);
    expect(await redisNow()).toBeGreaterThanOrEqual(now);
  });

  it('says since when: from anew when there was none, or others held the process for dead; not when it was merely late', async () => {
    const [first, now] = await touch('one');
    expect(first).toBe(now);
    await redis().hset('since', 'one', 5);
    expect((await touch('one'))[0]).toBe(5);
    await die('one');
    expect((await touch('one'))[0]).toBe(5);
    await redis().zadd('ends', 0, 'one');
    const [again] = await touch('one');
    expect(again).toBeGreaterThanOrEqual(first);
    expect((await touch('one'))[0]).toBe(again);
  });
});

describe('change-claim-4', () => {
  it('keeps a claim with its holder, when it runs out, and its value, and where it is', async () => {
    await claim('one', 'phone');
    await claim('one', 'laptop', 5);
    const { changed: _, ...claims } = await redis().hgetall('key:k');
    expect(claims).toEqual({ 'one phone': 'one - - {"is":1}', 'one laptop': 'one 5 5 {"is":1}' });
    expect((await redis().smembers('held:one')).sort()).toEqual(['k one laptop', 'k one phone']);
    await drop('one', 'phone');
    expect(await redis().smembers('held:one')).toEqual(['k one laptop']);
    expect(Object.keys(await redis().hgetall('key:k')).sort()).toEqual(['changed', 'one laptop']);
  });

  it('gives a lease to a process that had lost it, and says since when it has one', async () => {
    const begun = await redisNow();
    const sinceOf = async (answer: ReturnType<typeof claim>) => (await answer)[0];
    expect(await sinceOf(claim('one', 'phone'))).toBeGreaterThanOrEqual(begun);
    expect(await endsOf('one')).toBeGreaterThan(await redisNow());
    await redis().hset('since', 'one', 5);
    expect(await sinceOf(claim('one', 'phone'))).toBe(5);
    await die('one');
    expect(await sinceOf(claim('one', 'phone'))).toBe(5);
    expect(await endsOf('one')).toBeGreaterThan(await redisNow());
    await redis().zadd('ends', 0, 'one');
    expect(await sinceOf(claim('one', 'phone'))).toBeGreaterThanOrEqual(begun);
    expect(await sinceOf(drop('two', 'phone'))).toBe(0);
    expect(await endsOf('two')).toBeUndefined();
  });

  it('says what time it is, and what stood under the key until then', async () => {
    const begun = await redisNow();
    const [, now, none] = await claim('one', 'phone');
    expect([now >= begun, none]).toEqual([true, []]);
    const stood = (await redis().hgetall('key:k')) ?? {};
    const [, later, before] = await claim('two', 'phone');
    expect(later).toBeGreaterThanOrEqual(now);
    expect(before.toSorted()).toEqual(Object.entries(stood).flat().toSorted());
  });

  it('refuses what nobody waits for any more', async () => {
    const late = [leaseMs, (await redisNow()) - 1, memoryMs, 'one a', 'k one a'];
    const keys = ['ends', 'since', 'key:k', 'held:one'] as const;
    await expect(redis().changeClaim(...keys, 'one', ...late, '-', '-', '1')).rejects.toThrow(/^LATE/);
    expect(await redis().dbsize()).toBe(0);
    await claim('one', 'a');
    await expect(redis().changeClaim(...keys, 'one', ...late)).rejects.toThrow(/^LATE/);
    expect(await redis().hget('key:k', 'one a')).toBe('one - - {"is":1}');
  });

  it('counts each change later than the one before, running out included, and no drop of what is over or not there', async () => {
    await claim('one', 'a');
    const first = await changed();
    await claim('one', 'a');
    const second = await changed();
    expect(second).toBeGreaterThan(first);
    // As if it had run out since, long after all that: a clock that runs ahead shows what is counted.
    const later = (await redisNow()) - 5;
    await redis().hset('key:k', 'changed', `${later - 100} ${later - 100}`, 'one b', `one ${later} - 1`);
    await drop('one', 'b');
    expect(await changed()).toBe(later);
    await drop('one', 'b');
    await drop('two', 'a');
    expect(await changed()).toBe(later);
    await drop('one', 'a');
    expect(await changed()).toBeGreaterThan(later);
  });

  it('remembers a key without claims for a while, and one with claims until they are dropped', async () => {
    await claim('one', 'a');
    expect(await redis().pttl('key:k')).toBe(-1);
    await drop('one', 'a');
    expect(await redis().pttl('key:k')).toBeGreaterThan(memoryMs - 10_000);
    await claim('one', 'a');
    expect(await redis().pttl('key:k')).toBe(-1);
    await drop('one', 'never');
    expect(await redis().exists('key:other')).toBe(0);
  });

  it('drops nothing that another one holds', async () => {
    await claim('dead', 'phone');
    await touch('heir');
    await die('dead');
    await reap('heir');
    await drop('dead', 'phone');
    expect(await redis().hget('key:k', 'dead phone')).toMatch(/^heir /);
    await claim('dead', 'phone');
    await drop('dead', 'phone', 'heir');
    expect(await redis().hget('key:k', 'dead phone')).toMatch(/^dead /);
    expect(await redis().smembers('handed:heir')).toEqual([]);
  });
});

describe('reap-leases-3', () => {
  beforeEach(async () => {
    if (isThere) await touch('heir');
  });

  it('hands on what the dead held and what they were handed, once, for a second or until it runs out', async () => {
    const now = await redisNow();
    for (const [entry, ends] of [
      ['a', '-'],
      ['b', 5],
      ['c', now + 500],
      ['d', now + 60_000],
    ] as const)
      await claim('first', entry, ends);
    await die('first');
    await touch('second');
    expect(await reap('second')).toHaveLength(4);
    await claim('second', 'own');
    await die('second');
    const handed = await reap('heir');
    expect(handed.map(([member]) => member).sort()).toEqual(
      ['first a', 'first b', 'first c', 'first d', 'second own'].map((place) => `k ${place}`),
    );
    const claims = new Map(handed);
    expect(claims.get('k first b')).toBe('heir 5 5 {"is":1}');
    expect(claims.get('k first c')).toBe(`heir ${now + 500} ${now + 500} {"is":1}`);
    for (const place of ['first a', 'first d', 'second own']) {
      const [, ends = '', said] = claims.get(`k ${place}`)?.split(' ') ?? [];
      expect(said).toBe('-');
      expect(Number(ends) - now).toBeGreaterThanOrEqual(1_000);
      expect(Number(ends) - now).toBeLessThan(6_000);
    }
    expect(await reap('heir')).toEqual([]);
    expect([await endsOf('first'), await endsOf('second')]).toEqual([undefined, undefined]);
  });

  it('hands on so many at once, and holds the process for dead meanwhile, until there is nothing left', async () => {
    for (const entry of ['a', 'b', 'c', 'd', 'e']) await claim('dead', entry);
    await die('dead');
    expect(await reap('heir', 2)).toHaveLength(2);
    expect(await endsOf('dead')).toBe(0);
    await touch('other');
    expect(await reap('other', 2)).toHaveLength(2);
    expect(await reap('heir', 2)).toHaveLength(1);
    expect(await endsOf('dead')).toBeUndefined();
    expect(await redis().exists('held:dead', 'handed:dead')).toBe(0);
    expect(await redis().hexists('since', 'dead')).toBe(0);
  });

  it('hands nothing to one whose own lease is over, and nothing of one that lives', async () => {
    await claim('dead', 'a');
    await claim('living', 'a');
    await die('dead');
    expect(await reap('unknown')).toEqual([]);
    await die('heir');
    expect(await reap('heir')).toEqual([]);
    await touch('heir');
    expect((await reap('heir')).map(([member]) => member)).toEqual(['k dead a']);
  });

  it('hands on nothing when it comes late: whoever is held for dead could not speak either', async () => {
    await claim('dead', 'a');
    await die('dead');
    const late = ['heir', (await redisNow()) - 1, 1_000, 10, connection.prefix] as const;
    expect(await redis().reapLeases('ends', 'since', 'handed:heir', ...late)).toEqual([]);
    expect(await reap('heir')).toHaveLength(1);
  });

  it('leaves alone what is not held by the dead any more', async () => {
    await claim('dead', 'a');
    await claim('dead', 'b');
    await redis().hset('key:k', 'dead a', 'living - - 1');
    await redis().hdel('key:k', 'dead b');
    await die('dead');
    expect(await reap('heir')).toEqual([]);
    expect(await redis().hget('key:k', 'dead a')).toBe('living - - 1');
  });
});
