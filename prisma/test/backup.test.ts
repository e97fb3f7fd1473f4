import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { loadBackup } from '../backup/load-backup.ts';
import { replaceDatabase } from '../backup/replace-database.ts';
import { tablesOf } from '../backup/tables.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { openEmbeddedPostgres } from '../embedded-postgres.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { makeTempFolder } from '../temp-folder.ts';
import { openTestDatabase } from './test-database.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function fileIn(name = 'one.backup.gz'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-backup-'));
  closers.push(() => rm(folder, { recursive: true }));
  return join(folder, name);
}

async function database(options: { isEmpty?: boolean } = {}) {
  const { url, close } = await openTestDatabase(options);
  closers.push(close);
  return url;
}

async function sql(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const value = async (url: string, statement: string): Promise<unknown> =>
  Object.values((await sql(url, statement))[0] ?? {})[0];

/** People, a message with all that text may hold, and more rows than are read at once. */
const people = `
  INSERT INTO user_account (handle, handle_key, display_name, colour, password_hash)
    VALUES ('Ann', 'ann', E'A"n\\\\n\\n\\t\\u2028💥', '#123456', 'x'), ('Bob', 'bob', '', '#123456', 'y');
  INSERT INTO device (user_id, label, platform) SELECT id, handle, 'BOT' FROM user_account;
  INSERT INTO session (user_id, device_id, expires_at, used_hash)
    SELECT user_id, id, '2030-01-01 00:00:00.123+00', '\\xdeadbeef00' FROM device;
  INSERT INTO signing_key VALUES ('k', '{"d": "s\\u0020", "n": 12345678901234567890.5}', '{}');
  INSERT INTO channel (kind, created_by_id, nonce) SELECT 'GROUP', id, 'n' FROM user_account LIMIT 1;`;
/** Which earlier releases did not have. */
const contacts = `
  INSERT INTO contact (user_id, other_id, other_handle_key, state, since, feed_version)
    SELECT a.id, b.id, b.handle_key, 'CONTACT', '2030-01-01 00:00:00.123+00', 1 FROM user_account a JOIN user_account b ON b.id <> a.id;`;
const reading = `
  INSERT INTO member (channel_id, user_id, role, state, joined_at, version, feed_version, is_present, read_number, delivered_number,
      own_above, deleted_above, positions_version, is_marked_unread)
    SELECT c.id, u.id, 'MEMBER', 'ACTIVE', '2030-01-01 00:00:00.123+00', 1, 1, true, 5, 7, 2, 1, 3, true FROM channel c, user_account u;
  INSERT INTO channel_position SELECT id, 3, 9, 8, '2030-01-01 00:00:00.123+00', '{"sharers": 2, "read": [5, "1", 5, "2"]}' FROM channel;
  INSERT INTO acknowledgement SELECT id, 'AgMBAAE' FROM device;`;
const messages = `
  INSERT INTO log_event SELECT 1, n, n, 1, 1, 'n' || n, now(), 'text ' || n, NULL FROM generate_series(1, 1300) n;`;

async function filled(): Promise<string> {
  const url = await database();
  await sql(url, people + contacts + reading + messages);
  return url;
}

/** Every row of every table as text; what a restore changes on purpose is left out. */
async function contents(url: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const all: Record<string, unknown> = {};
    for (const table of await tablesOf(client)) {
      const row = `to_jsonb(t) - 'epoch' - 'revoked_at'`;
      all[table] = (await client.query(`SELECT (${row})::text AS row FROM "${table}" t ORDER BY 1`)).rows;
    }
    return all;
  } finally {
    await client.end();
  }
}

const rewrite = async (file: string, change: (lines: string) => string) =>
  writeFile(file, gzipSync(change(gunzipSync(await readFile(file)).toString())));

describe('a backup', () => {
  it('brings back every row as it was', async () => {
    const [from, to, file] = [await filled(), await database({ isEmpty: true }), await fileIn()];
    const written = await writeBackup(from, file);
    const loaded = await loadBackup(to, file);
    expect(await contents(to)).toEqual(await contents(from));
    expect(loaded.rows).toBe(written.rows);
    expect(written.rows).toBeGreaterThan(1300);
    const keys = "SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND convalidated";
    expect(await value(to, keys)).toBe(await value(from, keys));
    await expect(sql(to, 'UPDATE device SET user_id = 4711')).rejects.toThrow('foreign key');
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    const [from, to, file] = [await filled(), await database({ isEmpty: true }), await fileIn()];
    const before = await contents(from);
    let writing: Promise<unknown> | undefined;
    const meanwhile = `DELETE FROM session; INSERT INTO log_event SELECT 1, 1301, 1301, 1, 1, 'late', now(), 'late', NULL;
      UPDATE user_account SET display_name = 'late'`;
    await writeBackup(from, file, {
      onRows: () => {
        writing ??= sql(from, meanwhile);
      },
    });
    await writing;
    await loadBackup(to, file);
    expect(await contents(to)).toEqual(before);
  });

  it('of an earlier release is brought to the shape of this one', async () => {
    const [from, to, file] = [
      await database({ isEmpty: true }),
      await database({ isEmpty: true }),
      await fileIn(),
    ];
    const names = (await readMigrations()).map(({ name }) => name);
    await migrate(from, { only: new Set(names.slice(0, 2)) });
    await sql(from, people);
    await writeBackup(from, file);
    await loadBackup(to, file);
    expect(await value(to, 'SELECT viewer_version FROM user_account LIMIT 1')).toBe('0');
    expect(await value(to, 'SELECT count(*)::int FROM _prisma_migrations')).toBe(names.length);
  });

  it('is for its owner only, and never takes the place of another file unless that is wanted', async () => {
    const [from, file] = [await filled(), await fileIn()];
    await writeBackup(from, file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const first = await readFile(file);
    await expect(writeBackup(from, file)).rejects.toThrow('is there already: name another file, or');
    expect(await readFile(file)).toEqual(first);
    await sql(from, 'DELETE FROM log_event');
    await writeBackup(from, file, { isForced: true });
    expect((await readFile(file)).length).toBeLessThan(first.length);
    expect(await readdir(join(file, '..'))).toEqual(['one.backup.gz']);
  });

  it('that is given up, or that fails, leaves nothing', async () => {
    const [from, file] = [await filled(), await fileIn()];
    const stop = new AbortController();
    const stopped = writeBackup(from, file, { signal: stop.signal, onRows: () => stop.abort() });
    await expect(stopped).rejects.toThrow('abort');
    await expect(writeBackup(await database({ isEmpty: true }), file)).rejects.toThrow('nothing to back up');
    await expect(writeBackup(from, join(file, 'no-folder'))).rejects.toThrow('name a file in a folder that');
    expect(await readdir(join(file, '..'))).toEqual([]);
  });
});

describe('a restore', () => {
  it('gives another epoch each time, above all before, and ids that nothing had', async () => {
    const [from, file] = [await filled(), await fileIn()];
    await writeBackup(from, file);
    const first = await loadBackup(await database({ isEmpty: true }), file);
    const to = await database({ isEmpty: true });
    const second = await loadBackup(to, file, { replacedEpoch: first.epoch });
    expect(first.epoch).toBeGreaterThan(20_000_000); // the time, for when nothing else is known
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(await value(to, 'SELECT epoch FROM installation')).toBe(second.epoch);
    const far = 2_000_000_000;
    const third = await loadBackup(await database({ isEmpty: true }), file, { replacedEpoch: far });
    expect(third.epoch).toBe(far + 1);
    for (const table of ['user_account', 'session', 'channel', 'device', 'member'])
      expect(Number(await value(to, `SELECT nextval('${table}_id_seq')`))).toBe(second.epoch * 1_000_000);
  });

  it('ends all sessions, unless they are kept', async () => {
    const [from, file] = [await filled(), await fileIn()];
    await writeBackup(from, file);
    const alive = 'SELECT count(*)::int FROM session WHERE revoked_at IS NULL';
    for (const [areSessionsKept, sessions] of [
      [false, 0],
      [true, 2],
    ] as const) {
      const to = await database({ isEmpty: true });
      await loadBackup(to, file, { areSessionsKept });
      expect(await value(to, alive)).toBe(sessions);
    }
  });

  it.for([
    ['no gzip', async (file: string) => writeFile(file, 'something else'), 'is no backup of Parley'],
    ['an empty file', async (file: string) => writeFile(file, ''), 'is no backup of Parley'],
    [
      'another gzip',
      async (file: string) => writeFile(file, gzipSync('{"a":1}\n')),
      'is no backup of Parley',
    ],
    [
      'a changed byte',
      async (file: string) => {
        const bytes = await readFile(file);
        const middle = Math.floor(bytes.length / 2);
        bytes.writeUInt8(bytes.readUInt8(middle) ^ 4, middle);
        await writeFile(file, bytes);
      },
      'is damaged',
    ],
    [
      'a lost end',
      async (file: string) => writeFile(file, (await readFile(file)).subarray(0, -1_000)),
      'is damaged',
    ],
    [
      'a lost line',
      (file: string) => rewrite(file, (all) => all.replace(/\{[^\n]*text 700"[^\n]*\n/, '')),
      'is damaged',
    ],
    [
      'another text',
      (file: string) => rewrite(file, (all) => all.replace('text 700', 'text 701')),
      'is damaged',
    ],
    ['no last line', (file: string) => rewrite(file, (all) => all.replace(/\[[^\n]*\n$/, '')), 'is damaged'],
    [
      'a newer format',
      (file: string) => rewrite(file, (all) => all.replace('"format":1', '"format":2')),
      'newer Parley',
    ],
    [
      'a migration that is not known',
      (file: string) => rewrite(file, (all) => all.replace('0001_first_release', '9999_later')),
      'migration 9999_later, which this Parley does not know',
    ],
  ] as const)('refuses %s, and the database can still be used for another one', async ([, harm, words]) => {
    const [from, to, file] = [await filled(), await database({ isEmpty: true }), await fileIn()];
    await writeBackup(from, file);
    const good = await readFile(file);
    await harm(file);
    await expect(loadBackup(to, file)).rejects.toThrow(words);
    await writeFile(file, good);
    await loadBackup(to, file);
    expect(await contents(to)).toEqual(await contents(from));
  });

  it('writes into no database that has people or tables of others', async () => {
    const [from, file] = [await filled(), await fileIn()];
    await writeBackup(from, file);
    const foreign = await database({ isEmpty: true });
    await sql(foreign, 'CREATE TABLE theirs AS SELECT 1 AS n');
    const used = await filled();
    const before = await contents(used);
    for (const url of [foreign, used])
      await expect(loadBackup(url, file)).rejects.toThrow('is not empty: make a new one');
    expect(await contents(used)).toEqual(before);
    expect(await value(foreign, 'SELECT n FROM theirs')).toBe(1);
  });
});

describe('the embedded database', { timeout: 60_000 }, () => {
  it('is replaced as a whole or not at all, again and again', async () => {
    const folder = await makeTempFolder();
    closers.push(folder.remove);
    const postgres = await openEmbeddedPostgres({
      dataDir: folder.path,
      onNotice: () => undefined,
      isDurable: false,
    });
    closers.push(postgres.close);
    const { url } = postgres;
    const file = await fileIn();
    await writeBackup(await filled(), file);
    await migrate(url);
    await sql(url, people);
    const before = await contents(url);

    const broken = replaceDatabase(url, async (next) => {
      await loadBackup(next.url, file);
      throw new Error('the computer burns');
    });
    await expect(broken).rejects.toThrow('the computer burns');
    expect(await contents(url)).toEqual(before);

    const restore = () =>
      replaceDatabase(url, (next) => loadBackup(next.url, file, { replacedEpoch: next.replacedEpoch }));
    const first = await restore();
    await sql(url, 'DELETE FROM log_event');
    const second = await restore();
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(await value(url, 'SELECT count(*)::int FROM log_event')).toBe(1300);
    const names = await sql(url, 'SELECT datname FROM pg_database ORDER BY 1');
    expect(names.map(({ datname }) => datname)).toEqual(['postgres', 'template0', 'template1']);
  });
});
