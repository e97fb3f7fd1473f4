import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { packageRoot } from '../../../prisma/package-root.ts';
import { read } from '../client/ask.ts';
import { createGroup, signIn, signUp } from '../client/people.ts';
import { done, openFolder } from '../e2e/operator.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { startServer } from '../e2e/server-process.ts';
import { doOverHttp, mutations, type Sent } from '../e2e/talk.ts';

// O4: the role that docs/operations.md makes is enough for everything that a server does, and for nothing besides.

const manual = readFileSync(join(packageRoot, 'docs', 'operations.md'), 'utf8');
const [asAdministrator = '', inDatabase = '', ...more] = [...manual.matchAll(/```sql\n([\s\S]*?)```/g)].map(
  ([, text]) => text,
);

const { adminUrl } = inject('testDatabases');
async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Does what the manual says, under a name of its own, one statement at a time. The URL is that of the role. */
async function openOwn(): Promise<string> {
  const name = `parley_${randomBytes(6).toString('hex')}`;
  const own = (text: string) => text.replaceAll(/\bparley\b/g, name).split(/(?<=;)\n/);
  closeAtEnd({
    async close() {
      await sql(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await sql(adminUrl, `DROP ROLE IF EXISTS ${name}`);
    },
  });
  for (const statement of own(asAdministrator)) await sql(adminUrl, statement);
  const url = new URL(adminUrl);
  url.pathname = name;
  for (const statement of own(inDatabase)) await sql(url.href, statement);
  url.username = name;
  url.password = encodeURIComponent('a long secret');
  return url.href;
}

/** Each starts servers and commands in processes of their own. */
const patience = { timeout: 90_000 };

describe('O4: the least that the role of the database may', patience, () => {
  beforeAll(() => {
    expect([asAdministrator, inDatabase]).toEqual([
      expect.stringContaining('CREATE ROLE parley'),
      expect.stringContaining('ALTER SCHEMA public'),
    ]);
    expect(more).toEqual([]);
  });

  it('is enough to make the tables, to serve, to start again, to back up and to restore', async () => {
    const DATABASE_URL = await openOwn();
    const folder = await openFolder();
    const start = () => closeAtEnd(startServer(folder.path, { DATABASE_URL, LOG_LEVEL: 'warn' }));
    const server = start();
    const url = await server.url;
    const [ann, bob] = [await signUp(url, 'ann'), await signUp(url, 'bob')];
    const channelId = await createGroup(url, ann, { name: 'Two', members: [bob] });
    const send = mutations.sendMessage({ channelId, text: 'hello', nonce: 'a' });
    expect(await doOverHttp<Sent>(url, ann, send)).toMatchObject({ deduplicated: false });
    await done(folder.run('backup', ['file'], { settings: { DATABASE_URL } }));
    await server.close();
    expect(await server.exited).toMatchObject({ code: 0, stderr: '' });

    const again = start();
    expect((await signIn(await again.url, 'ann')).userId).toBe(ann.userId);
    await again.close();
    expect(await again.exited).toMatchObject({ code: 0, stderr: '' });

    const other = await openOwn();
    const settings = { DATABASE_URL: other };
    await done(folder.run('restore', ['file', '--keep-sessions'], { settings }));
    const restored = closeAtEnd(startServer(folder.path, settings));
    const query = 'query ($id: ID!) { channel(id: $id) { lastMessage { text } } }';
    const asked = { query, variables: { id: channelId }, token: bob.session.accessToken };
    expect(await read(await restored.url, asked)).toEqual({ channel: { lastMessage: { text: 'hello' } } });
  });

  it('is nothing that a whole server of databases would fear', async () => {
    const url = await openOwn();
    const [role] = await sql(url, 'SELECT * FROM pg_roles WHERE rolname = current_user');
    expect(role).toMatchObject({
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
    });
    const memberships =
      'SELECT 1 FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = current_user)';
    expect(await sql(url, memberships)).toEqual([]);
    for (const statement of [
      'CREATE DATABASE more',
      'CREATE ROLE more',
      "CREATE TABLESPACE more LOCATION '/tmp'",
      'ALTER ROLE CURRENT_USER CREATEDB',
      "COPY (SELECT 1) TO PROGRAM 'true'",
      "SELECT pg_read_file('PG_VERSION')",
      'SELECT * FROM pg_authid',
      'CREATE EXTENSION file_fdw',
      'CREATE TEMP TABLE more (a int)',
    ])
      await expect(sql(url, statement), statement).rejects.toThrow(/permission denied|must be|available/);
  });

  it('is not had by others: nobody else may even connect', async () => {
    const [own, other] = [await openOwn(), await openOwn()];
    const asOther = new URL(own);
    const { username, password } = new URL(other);
    Object.assign(asOther, { username, password });
    await expect(sql(asOther.href, 'SELECT 1')).rejects.toThrow('permission denied for database');
  });
});
