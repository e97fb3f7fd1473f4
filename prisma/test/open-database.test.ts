import { afterEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../open-database.ts';
import { openTestDatabase } from './test-database.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function world(): Promise<Database> {
  const { url, close } = await openTestDatabase();
  const database = await openDatabase(url, { poolSize: 3 });
  opened.push({ close }, database);
  return database;
}

describe('a database', () => {
  it('answers Prisma and plain SQL over the same connections', async () => {
    const { prisma, pool } = await world();
    const installation = await prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
    const { rows } = await pool.query('SELECT uuid FROM installation');
    expect(rows).toEqual([{ uuid: installation.uuid }]);
  });

  it('is a fresh copy for each test', async () => {
    const [first, second] = await Promise.all([world(), world()]);
    const ofFirst = await first.prisma.installation.findFirstOrThrow();
    await first.prisma.installation.update({ where: { id: 1 }, data: { epoch: 7 } });
    expect((await second.prisma.installation.findFirstOrThrow()).epoch).toBe(ofFirst.epoch);
  });

  it('fails the queries under way when PostgreSQL cuts the connections, and answers the next ones', async () => {
    const { prisma, pool } = await world();
    const cut = expect(prisma.$queryRaw`SELECT pg_sleep(20)`).rejects.toThrow();
    const cutInTransaction = expect(
      prisma.$transaction((tx) => tx.$queryRaw`SELECT pg_sleep(20)`),
    ).rejects.toThrow();
    await cutSleepers(pool, 2);
    await Promise.all([cut, cutInTransaction]);
    expect(await prisma.installation.count()).toBe(1);
  });

  it('cuts what hangs when it closes', async () => {
    const { pool, close } = await world();
    const cut = expect(pool.query('SELECT pg_sleep(20)')).rejects.toThrow();
    const forgotten = await pool.connect(); // by somebody who will never give it back
    await close();
    await cut;
    await expect(forgotten.query('SELECT 1')).rejects.toThrow();
  });

  it('closes twice as well as once', async () => {
    const database = await world();
    await database.prisma.installation.count();
    await Promise.all([database.close(), database.close()]);
    await expect(database.pool.query('SELECT 1')).rejects.toThrow();
  });
});

/** Cuts every connection that sleeps, as soon as that many do. */
async function cutSleepers(pool: Database['pool'], sleepers: number) {
  const others = `FROM pg_stat_activity WHERE datname = current_database()
    AND query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()`;
  await expect
    .poll(async () => (await pool.query(`SELECT count(*)::int AS n ${others}`)).rows[0]?.n)
    .toBe(sleepers);
  await pool.query(`SELECT pg_terminate_backend(pid) ${others}`);
}
