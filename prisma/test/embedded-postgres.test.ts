import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../embedded/run.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../embedded-postgres.ts';
import { isStartError } from '../start-error.ts';
import { makeTempFolder } from '../temp-folder.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function tempFolder(): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  return path;
}

async function open(dataDir: string): Promise<EmbeddedPostgres & { notices: string[] }> {
  const notices: string[] = [];
  const postgres = await openEmbeddedPostgres({
    dataDir,
    onNotice: (notice) => notices.push(notice),
    isDurable: false,
  });
  closers.push(postgres.close);
  return { ...postgres, notices };
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

/** The message of the StartError that opening ends in. */
async function refusal(dataDir: string): Promise<string> {
  const error: unknown = await open(dataDir).catch((reason: unknown) => reason);
  if (!isStartError(error)) throw error;
  return error.message;
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data over a close and another open', async () => {
    const folder = await tempFolder();
    const first = await open(folder);
    await query(first.url, 'CREATE TABLE word AS SELECT 42 AS n');
    await first.close();
    const second = await open(folder);
    expect(await query(second.url, 'SELECT n FROM word')).toBe(42);
    expect(second.dataDir).toBe(join(folder, 'postgres'));
    expect(second.notices).toEqual([]);
  });

  it('waits for the disk before it says that something is committed', async () => {
    const postgres = await openEmbeddedPostgres({ dataDir: await tempFolder(), onNotice: () => undefined });
    closers.push(postgres.close);
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
      expect(await query(postgres.url, `SHOW ${setting}`)).toBe('on');
  });

  it('lets nobody in without the password, which nobody else can read', async () => {
    const { url, dataDir } = await open(await tempFolder());
    const stranger = new URL(url);
    stranger.password = 'guess';
    await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    for (const file of ['', 'cluster', 'password'])
      expect((await stat(join(dataDir, file))).mode & 0o077).toBe(0);
  });

  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { url } = await open(await tempFolder());
    expect(await query(url, 'SHOW listen_addresses')).toBe('127.0.0.1');
    expect(await query(url, 'SHOW unix_socket_directories')).toBe('');
  });

  it('works in a folder with a space, an accent and a very long name', async () => {
    const folder = join(await tempFolder(), "it's a fôlder", 'x'.repeat(120));
    await mkdir(folder, { recursive: true });
    const { url } = await open(folder);
    expect(await query(url, 'SELECT 1')).toBe(1);
    expect(await refusal(folder)).toContain('in use by another Parley');
  });

  it('orders text the same way on every computer', async () => {
    const { url } = await open(await tempFolder());
    const sql = `SELECT string_agg(w, '' ORDER BY w) FROM unnest(ARRAY['b','a','Z','é']) AS w`;
    expect(await query(url, sql)).toBe('Zabé');
  });

  it('refuses a second Parley on its folder, and says which process has it', async () => {
    const folder = await tempFolder();
    const { url, close } = await open(folder);
    expect(await refusal(folder)).toContain(`in use by another Parley (process ${process.pid})`);
    expect(await query(url, 'SELECT 1')).toBe(1);
    await close();
    await open(folder);
  });

  it('leaves nothing running and no lock when it is closed, even twice', async () => {
    const { close, url, dataDir } = await open(await tempFolder());
    await Promise.all([close(), close()]);
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    expect((await readdir(dataDir)).sort()).toEqual(['cluster', 'password']);
  });
});

describe('the embedded PostgreSQL says in one line what to do when', () => {
  it('the data were written by another major version', async () => {
    const folder = await tempFolder();
    const { close, dataDir } = await open(folder);
    await close();
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '13\n');
    expect(await refusal(folder)).toMatch(
      /^.* was written by PostgreSQL 13, .*restore it into a new DATA_DIR with this one\.$/,
    );
  });

  it('a file is where the folder should be', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'data'), '');
    expect(await refusal(join(folder, 'data'))).toMatch(
      /^.* cannot be used: a file is in its way; set DATA_DIR .*$/,
    );
  });

  it('PostgreSQL itself refuses to start', async () => {
    const folder = await tempFolder();
    const { close, dataDir } = await open(folder);
    await close();
    await writeFile(join(dataDir, 'cluster', 'postgresql.conf'), 'no_such_setting = 1\n');
    expect(await refusal(folder)).toMatch(
      /^PostgreSQL cannot start in .*FATAL: .*postgresql\.conf.*: solve this, set DATA_DIR .*$/,
    );
  });

  it('the disk is full', async ({ skip }) => {
    const disk = await smallDisk('24m', skip);
    expect(await refusal(disk)).toMatch(
      /^The disk that holds .* is full: free some space and start again\.$/,
    );
  });

  it('the disk has become full', async ({ skip }) => {
    const disk = await smallDisk('80m', skip);
    await (await open(disk)).close();
    await run('dd', ['if=/dev/zero', `of=${disk}/fill`, 'bs=64k'], { timeoutMs: 10_000 });
    expect(await refusal(disk)).toMatch(
      /^The disk that holds .* is full: free some space and start again\.$/,
    );
  });
});

/** A disk of that size in memory. Without the right to mount one, the test is skipped and says why. */
async function smallDisk(size: string, skip: (reason: string) => never): Promise<string> {
  const folder = await tempFolder();
  const { ok, output } = await run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder], {
    timeoutMs: 10_000,
  });
  if (!ok) skip(`no small disk can be mounted here: ${output}`);
  closers.push(() => run('umount', [folder], { timeoutMs: 10_000 }));
  return folder;
}
