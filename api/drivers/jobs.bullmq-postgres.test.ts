import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { openDatabase } from '../../prisma/open-database.ts';
import { isStartError } from '../../prisma/start-error.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import { createGate, handlers, jobsContract, wake } from '../../schema/ports/jobs.contract.ts';
import type { Jobs } from '../../schema/ports/jobs.ts';
import { openBullJobs } from './jobs.bullmq.ts';
import { openPostgresJobs } from './test/bull-jobs.ts';

jobsContract('BullMQ in PostgreSQL', openPostgresJobs);

const logger = pino({ enabled: false });
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function openEmpty() {
  const { url, close } = await openTestDatabase({ isEmpty: true });
  closers.push(close);
  const database = await openDatabase(url, { poolSize: 3 });
  closers.push(database.close);
  return { url, pool: database.pool };
}
async function openJobs(pool: pg.Pool): Promise<Jobs> {
  const jobs = await openBullJobs({ store: { pool }, logger });
  closers.push(jobs.close);
  return jobs;
}
const connections = async (pool: pg.Pool): Promise<number> => {
  const ask = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE application_name = 'parley-jobs' AND datname = current_database()`;
  return (await pool.query<{ count: number }>(ask)).rows[0]?.count ?? 0;
};

describe('the tables of jobs', () => {
  it('are made once by processes that start together, in a schema of their own', async () => {
    const { pool } = await openEmpty();
    const all = await Promise.all(Array.from({ length: 4 }, () => openJobs(pool)));
    for (const [nth, jobs] of all.entries()) await jobs.add([wake(`key ${nth}`)]);
    expect(await all[0]?.counts()).toEqual({ waiting: 4, running: 0 });
    const { rows } = await pool.query<{ schema: string }>(
      `SELECT DISTINCT relnamespace::regnamespace::text AS schema FROM pg_class
       WHERE relname IN ('job', 'dedup', 'migration', 'event')`,
    );
    expect(rows).toEqual([{ schema: 'parley_jobs' }]);
    expect((await pool.query('SHOW search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
  });

  it('need a role that may make the schema, or one that is there: a start says so', async () => {
    const { url } = await openEmpty();
    const name = `jobs_${randomBytes(6).toString('hex')}`;
    const admin = new pg.Client({ connectionString: inject('testDatabases').adminUrl });
    await admin.connect();
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'a long secret'`);
    closers.push(async () => {
      await admin.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
      await admin.end();
    });
    const asRole = new URL(url);
    Object.assign(asRole, { username: name, password: encodeURIComponent('a long secret') });
    const { pool, close } = await openDatabase(asRole.href, { poolSize: 1 });
    closers.push(close);
    const failure = await openBullJobs({ store: { pool }, logger }).catch((error: unknown) => error);
    expect(failure).toSatisfy(isStartError);
    expect(failure).toMatchObject({ message: expect.stringContaining('GRANT CREATE ON DATABASE') });
    expect(String(failure)).not.toContain('secret');
    const owner = await openDatabase(url, { poolSize: 1 });
    closers.push(owner.close);
    await owner.pool.query(`GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO ${name}`);
    await (await openBullJobs({ store: { pool }, logger })).close();
    await owner.pool.query(`REVOKE CREATE ON DATABASE ${new URL(url).pathname.slice(1)} FROM ${name}`);
    const jobs = await openBullJobs({ store: { pool }, logger });
    await jobs.add([wake('a')]);
    await jobs.close();
    await owner.pool.query('DROP SCHEMA parley_jobs CASCADE');
  });
});

describe('the connections of jobs', () => {
  it('are four at most, however much is done at once, and none after a close', async () => {
    const { pool } = await openEmpty();
    const jobs = await openJobs(pool);
    const gate = createGate();
    let running = 0;
    const wakeChannel = async () => {
      running += 1;
      await gate.opened;
    };
    await jobs.work(handlers({ wakeChannel }), { atOnce: 20 });
    await Promise.all(Array.from({ length: 60 }, (_, nth) => jobs.add([wake(`key ${nth}`)])));
    await expect.poll(() => running).toBe(20);
    expect(await connections(pool)).toBeLessThanOrEqual(4);
    gate.open();
    await expect.poll(() => jobs.counts()).toEqual({ waiting: 0, running: 0 });
    expect(await connections(pool)).toBeLessThanOrEqual(4);
    await jobs.close();
    await expect.poll(() => connections(pool)).toBe(0);
  });
});
