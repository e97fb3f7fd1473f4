import { errors, types } from 'cassandra-driver';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { noteCassandraFailure } from '../cassandra-away.ts';
import { isDatabaseAway } from '../database-away.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../embedded-postgres.ts';
import { migrate } from '../migrate.ts';
import { openDatabase } from '../open-database.ts';
import { makeTempFolder } from '../temp-folder.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A PostgreSQL of one's own, to be stopped. */
async function world(): Promise<EmbeddedPostgres> {
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const postgres = await openEmbeddedPostgres({
    dataDir: folder.path,
    onNotice: () => undefined,
    isDurable: false,
  });
  closers.push(postgres.close);
  return postgres;
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** How many statements sleep, or wait for a lock. */
async function waitingIn({ url }: EmbeddedPostgres): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' OR wait_event_type = 'Lock'",
  );
  await client.end();
  return rows.length;
}

describe('a database that is away', { timeout: 60_000 }, () => {
  it('is told from one that refuses a statement, however it is asked', async () => {
    const postgres = await world();
    await migrate(postgres.url);
    const { prisma, pool, close } = await openDatabase(postgres.url, {
      poolSize: 3,
      onConnectionError: () => undefined,
    });
    closers.push(close);
    const refused = [
      pool.query('SELECT nothing FROM nowhere'),
      prisma.$queryRawUnsafe('SELECT nothing FROM nowhere'),
    ];
    for (const failure of await Promise.all(refused.map(failureOf))) {
      expect(failure).toBeInstanceOf(Error);
      expect(isDatabaseAway(failure), String(failure)).toBe(false);
    }
    const locker = new pg.Client({ connectionString: postgres.url });
    locker.on('error', () => undefined); // it is cut, too
    await locker.connect();
    await locker.query('BEGIN; LOCK installation IN ACCESS EXCLUSIVE MODE');
    const cut = [
      prisma.installation.findFirst(),
      pool.query('SELECT pg_sleep(60)'),
      prisma.$queryRawUnsafe('SELECT 1 FROM pg_sleep(60)'),
    ].map(failureOf);
    await expect.poll(() => waitingIn(postgres)).toBeGreaterThanOrEqual(4); // the three, and the one that asks
    await postgres.close();
    const away = [pool.query('SELECT 1'), prisma.$queryRaw`SELECT 1`, prisma.user.findFirst()].map(failureOf);
    for (const failure of await Promise.all([...cut, ...away])) {
      expect(failure).toBeInstanceOf(Error);
      expect(isDatabaseAway(failure), String(failure)).toBe(true);
    }
  });
});

describe('a Cassandra that is away', () => {
  const { responseErrorCodes: codes } = types;
  const noted = (failure: Error) => {
    noteCassandraFailure(failure);
    return failure;
  };
  it.for([
    ['no node answers', new errors.NoHostAvailableError({}), true],
    ['too few copies', new errors.ResponseError(codes.unavailableException, 'Cannot achieve'), true],
    ['no answer in time', new errors.OperationTimedOutError('late'), true],
    ['a client without a connection', noted(new Error('No connection available')), true],
    ['a statement that is wrong', noted(new errors.ResponseError(codes.syntaxError, 'line 1')), false],
    ['a value that is wrong', noted(new TypeError('not a bigint')), false],
    ['a mistake of ours', new Error('The event log has a hole.'), false],
  ] as const)('is told from what is wrong: %s', ([, failure, isAway]) => {
    expect(isDatabaseAway(failure)).toBe(isAway);
  });
});
