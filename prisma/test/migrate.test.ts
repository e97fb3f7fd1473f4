import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { migrate } from '../migrate.ts';
import { packageRoot } from '../package-root.ts';
import { schemaDiff } from '../schema-diff.ts';
import { makeTempFolder } from '../temp-folder.ts';
import { openTestDatabase } from './test-database.ts';

const ownMigrations = join(packageRoot, 'prisma', 'migrations');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An empty database, a copy of our migrations that a test may change, and a connection to look at the outcome. */
async function world() {
  const { url, close } = await openTestDatabase({ isEmpty: true });
  const folder = await makeTempFolder();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  closers.push(close, folder.remove, () => client.end());
  const directory = join(folder.path, 'migrations');
  await cp(ownMigrations, directory, { recursive: true });
  const add = async (name: string, sql: string) => {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'migration.sql'), sql);
  };
  const value = async (sql: string): Promise<unknown> =>
    Object.values((await client.query(sql)).rows[0] ?? {})[0];
  return { url, directory, add, value };
}

describe('migrations', () => {
  it('make what schema.prisma says', async () => {
    const { url } = await world();
    await migrate(url);
    expect(await schemaDiff(url)).toBeUndefined();
  });

  it('differ visibly from another schema', async () => {
    const { url } = await world();
    await migrate(url);
    const schema = await readFile(join(packageRoot, 'prisma', 'schema.prisma'), 'utf8');
    const other = schema.replace('model User {', 'model User {\n  shoeSize Int?\n');
    expect(await schemaDiff(url, other)).toContain('ADD COLUMN     "shoeSize" INTEGER');
  });

  it('are applied once, in the order of their names', async () => {
    const { url, directory, add, value } = await world();
    await add('0902_second', 'INSERT INTO colour VALUES (2)');
    await add('0901_first', 'CREATE TABLE colour (id int)');
    expect((await migrate(url, { directory })).slice(-2)).toEqual(['0901_first', '0902_second']);
    expect(await migrate(url, { directory })).toEqual([]);
    expect(await value('SELECT count(*)::int FROM colour')).toBe(1);
  });

  it('are applied once by servers that start together', async () => {
    const { url, directory, add } = await world();
    await add('0901_first', 'CREATE TABLE colour (id int)');
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url, { directory })));
    expect(applied.flat().filter((name) => name === '0901_first')).toHaveLength(1);
  });

  it('may hold functions and texts with semicolons', async () => {
    const { url, directory, add, value } = await world();
    await add(
      '0901_first',
      `CREATE FUNCTION one() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'a;b'; END $$;`,
    );
    await migrate(url, { directory });
    expect(await value('SELECT one()')).toBe('a;b');
  });

  it('change nothing when one of their statements fails', async () => {
    const { url, directory, add, value } = await world();
    await add('0901_first', 'CREATE TABLE colour (id int); INSERT INTO nowhere VALUES (1)');
    await expect(migrate(url, { directory })).rejects.toThrow(
      /0901_first failed and changed nothing \(.*nowhere/,
    );
    expect(await value("SELECT to_regclass('colour')")).toBeNull();
    expect(await migrate(url)).toEqual([]);
  });

  it('count the owners of groups that were there before there was a count', async () => {
    const { url, directory, value } = await world();
    const contacts = join(directory, '0005_contacts');
    await rm(contacts, { recursive: true });
    await migrate(url, { directory });
    await value(`INSERT INTO user_account (handle, handle_key, display_name, colour, password_hash)
      SELECT n, n, n, n, n FROM generate_series(1, 4) n`);
    await value(
      `INSERT INTO channel (kind, created_by_id, nonce) VALUES ('GROUP', 1, 'a'), ('GROUP', 1, 'b')`,
    );
    await value(`INSERT INTO member (channel_id, user_id, role, state, joined_at, version, feed_version) VALUES
      (1, 1, 'OWNER', 'ACTIVE', now(), 1, 1), (1, 2, 'OWNER', 'ACTIVE', now(), 2, 1),
      (1, 3, 'ADMIN', 'ACTIVE', now(), 3, 1), (1, 4, 'OWNER', 'LEFT', now(), 4, 1), (2, 1, 'OWNER', 'REMOVED', now(), 1, 2)`);
    await cp(join(ownMigrations, '0005_contacts'), contacts, { recursive: true });
    expect(await migrate(url, { directory })).toContain('0005_contacts');
    expect(await value('SELECT json_agg(owner_count ORDER BY id) FROM channel')).toEqual([2, 0]);
    expect(await value('SELECT last_seen_visible_to::text FROM user_account LIMIT 1')).toBe('CO_MEMBERS');
  });

  it('are refused by an older Parley, and when they were changed afterwards', async () => {
    const { url, directory, add } = await world();
    await add('0901_first', 'CREATE TABLE colour (id int)');
    await migrate(url, { directory });
    await expect(migrate(url)).rejects.toThrow('start the newer Parley');
    await writeFile(join(directory, '0901_first', 'migration.sql'), 'CREATE TABLE color (id int)');
    await expect(migrate(url, { directory })).rejects.toThrow('not the one that the database had applied');
  });

  it('say what is wrong with a database that cannot be reached, without its password', async () => {
    const url = new URL(inject('testDatabases').adminUrl);
    const attempt = async (change: Partial<Pick<URL, 'password' | 'pathname' | 'port'>>) => {
      const error = await migrate(Object.assign(new URL(url), change).href).catch(
        (reason: unknown) => reason,
      );
      return error instanceof Error ? error.message : 'no error';
    };
    expect(await attempt({ password: 'wrong-secret' })).toMatch(/refuses the password(?!.*wrong-secret)/);
    expect(await attempt({ pathname: 'nowhere' })).toMatch(/no such database/);
    expect(await attempt({ port: '1' })).toMatch(/nobody listens there/);
  });
});
