import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missingRedis, type RedisServer, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { luaOf } from './lua.ts';
import { openRedis, type RedisConnection } from './redis-connection.ts';

const isThere = requires('redis', missingRedis);

let server: RedisServer;
let connection: RedisConnection;
beforeAll(async () => {
  if (!isThere) return;
  server = await startRedis();
  connection = await openRedis(server.url, { logger: pino({ enabled: false }), installation: 'a test' });
});
afterAll(async () => {
  await connection?.close();
  await server?.close();
});
beforeEach(() => void (isThere && connection.commands.flushall()));

/** Of three in ten seconds. */
async function take(count: number): Promise<[taken: unknown, leftMs: number]> {
  const answer = await connection.commands.eval(luaOf('take-points-1'), 1, 'k', count, 10, 3);
  const [taken, leftMs] = Array.isArray(answer) ? answer : [];
  return [taken, Number(leftMs)];
}
const kept = () => connection.commands.get('k');

describe('take-points-1', () => {
  it('counts until the window ends, which begins with the first', async () => {
    expect(await take(2)).toEqual([2, 10_000]);
    await connection.commands.pexpire('k', 5_000);
    const [taken, leftMs] = await take(1);
    expect(taken).toBe(3);
    expect(leftMs).toBeLessThanOrEqual(5_000);
    expect(await connection.commands.pttl('k')).toBeLessThanOrEqual(5_000);
    expect(await kept()).toBe('3');
  });

  it('says more than allowed when it refuses, and changes nothing', async () => {
    expect(await take(4)).toEqual([4, 10_000]);
    expect(await kept()).toBeNull();
    await take(2);
    expect((await take(2))[0]).toBe(4);
    expect(await kept()).toBe('2');
    expect((await take(1))[0]).toBe(3);
  });

  it('gives back no more than was taken, and of what is fresh nothing', async () => {
    expect(await take(-1)).toEqual([0, 10_000]);
    expect(await kept()).toBeNull();
    await take(1);
    expect((await take(-1))[0]).toBe(0);
    expect((await take(-1))[0]).toBe(0);
    expect(await kept()).toBe('0');
    expect(await connection.commands.pttl('k')).toBeGreaterThan(0);
  });

  it('takes none without a trace', async () => {
    expect(await take(0)).toEqual([0, 10_000]);
    expect(await kept()).toBeNull();
    await take(3);
    expect((await take(0))[0]).toBe(3);
    expect(await kept()).toBe('3');
  });
});
