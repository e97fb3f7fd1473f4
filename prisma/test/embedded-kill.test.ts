import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../embedded-postgres.ts';
import { makeTempFolder } from '../temp-folder.ts';
import { type Parent, postgresPid, startParent } from './parent.ts';
import { isAlive, processes } from './processes.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function tempFolder(): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  return path;
}

async function open(dataDir: string, onEnd = () => {}): Promise<EmbeddedPostgres> {
  const postgres = await openEmbeddedPostgres({ dataDir, onEnd, onNotice: () => undefined });
  closers.push(postgres.close);
  return postgres;
}

async function parentOn(dataDir: string): Promise<Parent> {
  const parent = await startParent(dataDir);
  closers.push(parent.end);
  return parent;
}

async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** The promise to whoever kills Parley. */
const goneMs = 5_000;
const isGone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: goneMs }).toBe(false);

describe('the embedded PostgreSQL, when its Parley', () => {
  it('is killed, stops within 5 s, and the next start has everything that was committed', async () => {
    const folder = await tempFolder();
    const parent = await parentOn(folder);
    await query(parent.url, 'CREATE TABLE word AS SELECT 42 AS n');
    const pid = await postgresPid(parent.dataDir);
    await parent.kill();
    await isGone(pid);
    const { url } = await open(folder);
    expect(await query(url, 'SELECT n FROM word')).toBe(42);
  });

  it('is killed in the middle of a long query, stops within 5 s all the same', async () => {
    const parent = await parentOn(await tempFolder());
    const outcome = query(parent.url, 'SELECT pg_sleep(60)').catch(() => 'cut');
    const pid = await postgresPid(parent.dataDir);
    await expect
      .poll(() =>
        query(parent.url, `SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'`),
      )
      .toBe(1);
    await parent.kill();
    await isGone(pid);
    expect(await outcome).toBe('cut');
  });

  it('is killed and started again at once, gives its data to the new one', async () => {
    const folder = await tempFolder();
    const parent = await parentOn(folder);
    await query(parent.url, 'CREATE TABLE word AS SELECT 42 AS n');
    await parent.kill();
    const { url } = await open(folder);
    expect(await query(url, 'SELECT n FROM word')).toBe(42);
  });

  it('is killed together with the watcher, is stopped by the next start', async () => {
    const folder = await tempFolder();
    const parent = await parentOn(folder);
    const pid = await postgresPid(parent.dataDir);
    const watcher = (await processes()).find(({ args }) => args.endsWith(`watcher.mjs ${pid}`));
    process.kill(watcher?.pid ?? 0, 'SIGKILL');
    await parent.kill();
    const { url } = await open(folder);
    await isGone(pid);
    expect(await query(url, 'SELECT 1')).toBe(1);
  });

  it('gets a Ctrl-C in its terminal, is not hit by it itself', async () => {
    const parent = await parentOn(await tempFolder());
    const pid = await postgresPid(parent.dataDir);
    const groups = new Map((await processes()).map((one) => [one.pid, one.group]));
    expect(groups.get(pid)).toBe(pid);
    expect(groups.get(parent.pid)).not.toBe(pid);
  });
});

describe('the embedded PostgreSQL', () => {
  it('starts beside a foreign program that has the process id of a dead one', async () => {
    const folder = await tempFolder();
    const first = await open(folder);
    await first.close();
    const remains = join(first.dataDir, 'cluster', 'postmaster.pid');
    await writeFile(
      remains,
      `${process.pid}\n${join(first.dataDir, 'cluster')}\n1700000000\n5432\n\n\n0 0\n`,
    );
    const { url } = await open(folder);
    expect(await query(url, 'SELECT 1')).toBe(1);
  });

  it('starts after an initdb that was cut off', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'postgres', 'cluster.unfinished', 'base'), { recursive: true });
    const { url } = await open(folder);
    expect(await query(url, 'SELECT 1')).toBe(1);
  });

  it('tells when it ends although nobody asked it to, and loses nothing', async () => {
    const folder = await tempFolder();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const first = await open(folder, end);
    await query(first.url, 'CREATE TABLE word AS SELECT 42 AS n');
    process.kill(await postgresPid(first.dataDir), 'SIGKILL');
    await ended;
    await first.close();
    const second = await open(folder);
    expect(await query(second.url, 'SELECT n FROM word')).toBe(42);
  });
});
