import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../prisma/open-database.ts';
import { isStartError } from '../../../prisma/start-error.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { createLog } from '../../log.ts';
import { openServerLock } from '../../server-lock.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { missingRedis, startRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { openFleetServer } from './servers.ts';

/** Whoever is first on a database, and whoever comes then, by whether it has a Redis. */
const cases = [
  { first: true, second: true, problem: undefined },
  { first: false, second: false, problem: 'Another Parley server works on this database' },
  { first: true, second: false, problem: 'Other Parley servers work on this database over Redis' },
  { first: false, second: true, problem: 'A Parley server without REDIS_URL works on this database' },
] as const;
const named = (isFleet: boolean) => (isFleet ? 'one with Redis' : 'one without');

describe('the place of a server on its database', () => {
  for (const { first, second, problem } of cases) {
    it(`${problem ? 'is refused' : 'is given'} to ${named(second)} beside ${named(first)}`, async () => {
      const { url } = closeAtEnd(await openTestDatabase());
      const open = async (isFleet: boolean) => {
        const { pool } = closeAtEnd(await openDatabase(url, { poolSize: 1 }));
        return closeAtEnd(await openServerLock(pool, { logger: createLog('silent'), isFleet }));
      };
      const place = await open(first);
      const opening = open(second);
      if (problem === undefined) return void (await opening);
      await expect(opening).rejects.toThrow(problem);
      await place.close();
      await expect.poll(() => open(second).then(() => 'given', String)).toBe('given');
    });
  }
});

it('the place of a server is taken again when its connection was cut', async () => {
  const { url } = closeAtEnd(await openTestDatabase());
  const { pool } = closeAtEnd(await openDatabase(url, { poolSize: 1 }));
  const other = closeAtEnd(await openDatabase(url, { poolSize: 2 }));
  closeAtEnd(await openServerLock(pool, { logger: createLog('silent'), isFleet: false }));
  const holders = async () => {
    const { rows } = await other.pool.query<{ pid: number }>(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    return rows.map(({ pid }) => pid);
  };
  const [pid] = await holders();
  await other.pool.query('SELECT pg_terminate_backend($1)', [pid]);
  await expect.poll(holders).toEqual([expect.not.toSatisfy((now) => now === pid)]);
  await expect(openServerLock(other.pool, { logger: createLog('silent'), isFleet: false })).rejects.toThrow(
    'Another Parley server works on this database',
  );
});

describe('a start with REDIS_URL', { timeout: 60_000 }, () => {
  requires('redis', missingRedis);

  /** What a start says that fails. */
  const problemOf = async (redisUrl: string): Promise<string> => {
    const { url } = closeAtEnd(await openTestDatabase());
    const problem: unknown = await openFleetServer(url, { REDIS_URL: redisUrl }).catch((error) => error);
    return isStartError(problem) ? problem.message : `no start error: ${problem}`;
  };

  it('says in words what is wrong with a Redis that it cannot use, and never the password', async () => {
    const redis = closeAtEnd(await startRedis());
    const { host } = new URL(redis.url);
    expect(await problemOf('redis://me:hush@127.0.0.1:1')).toBe(
      'The Redis at 127.0.0.1:1 cannot be used: nobody listens there: start Redis, or correct the host and port.',
    );
    expect(await problemOf(redis.url.replace('//', '//me:hush@'))).toBe(
      `The Redis at ${host} cannot be used: it refuses the password: correct user and password.`,
    );
    redis.pause();
    expect(await problemOf(redis.url)).toBe(
      `The Redis at ${host} cannot be used: it does not answer: see whether it is busy or stopped.`,
    );
    redis.resume();
  });

  it('refuses a second server without it on the same database', async () => {
    const redis = closeAtEnd(await startRedis());
    const { url } = closeAtEnd(await openTestDatabase());
    await openFleetServer(url, { REDIS_URL: redis.url });
    await openFleetServer(url, { REDIS_URL: redis.url });
    await expect(openFleetServer(url, {})).rejects.toThrow('give this one the same REDIS_URL');
  });
});
