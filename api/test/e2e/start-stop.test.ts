import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { isAlive } from '../../../prisma/test/processes.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { demoPassword } from '../../seed.ts';
import { writeManifestOf } from '../serving/manifest-file.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function tempFolder(): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  return path;
}

function start(folder: string, env?: Readonly<Record<string, string>>): ServerProcess {
  const server = startServer(folder, env);
  closers.push(server.close);
  return server;
}

const postgresPid = async (folder: string) =>
  Number.parseInt(await readFile(join(folder, '.data/postgres/cluster/postmaster.pid'), 'utf8'), 10);

async function ask(url: string, query: string): Promise<{ data: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return JSON.parse(await response.text());
}

const pageOf = async (url: string) => (await fetch(url, { headers: { accept: 'text/html' } })).text();

const signIn = (
  handle: string,
) => `mutation { signIn(input: { handle: "${handle}", password: "${demoPassword}",
  device: { label: "test", platform: WEB } }) { __typename ... on Denied { code } } }`;
const signUp = (handle: string) => `mutation { signUp(input: { handle: "${handle}", displayName: "${handle}",
  password: "${demoPassword}", device: { label: "test", platform: WEB } }) { __typename } }`;
const signedUp = { data: { signUp: { __typename: 'SignUpPayload' } } };
const signedIn = {
  data: { signIn: { __typename: 'SignInPayload' } },
  extensions: { rateLimit: expect.anything() },
};

/** Each starts a server or several; a test run has the computer not for itself. */
const patience = { timeout: 90_000 };

describe('a start', patience, () => {
  it('says in at most ten lines where to click and how to sign in, and that is true', async () => {
    const server = start(await tempFolder());
    const url = await server.url;
    const page = await pageOf(url);
    expect(page).toContain('<html');
    expect(page).toContain(demoPassword); // for the buttons that sign demo people in
    expect(await ask(url, signIn('alice'))).toEqual(signedIn);
    expect(await ask(url, signIn('bob'))).toEqual(signedIn);
    await server.close();
    const { stdout, stderr } = await server.exited;
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(10);
    expect(stdout).toContain(`alice or bob, password ${demoPassword}`);
    for (const line of stderr.trim().split('\n').filter(Boolean))
      expect(() => JSON.parse(line)).not.toThrow();
    expect(stderr).not.toContain(demoPassword);
  });

  it('finds everything again after a stop, and after a kill', async () => {
    const folder = await tempFolder();
    const first = start(folder);
    expect(await ask(await first.url, signUp('carol'))).toMatchObject(signedUp);
    await first.close();
    const second = start(folder);
    expect(await ask(await second.url, signIn('carol'))).toEqual(signedIn);
    second.signal('SIGKILL');
    await second.exited;
    const third = start(folder);
    for (const handle of ['carol', 'alice'])
      expect(await ask(await third.url, signIn(handle))).toEqual(signedIn);
  });

  it('works on a PostgreSQL of your own, without demo people, and leaves it running', async () => {
    const database = await ownDatabase();
    const folder = await tempFolder();
    const server = start(folder, { DATABASE_URL: database.url });
    expect(await ask(await server.url, signIn('alice'))).toMatchObject({
      data: { signIn: { code: 'WRONG_CREDENTIALS' } },
    });
    expect(await pageOf(await server.url)).not.toContain(demoPassword);
    server.signal('SIGTERM');
    expect((await server.exited).code).toBe(0);
    const again = start(folder, { DATABASE_URL: database.url });
    await again.url;
  });
});

describe('a stop', patience, () => {
  it.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s is done within 3 s and leaves nothing behind',
    async (signal) => {
      const folder = await tempFolder();
      const server = start(folder);
      const url = await server.url;
      const postgres = await postgresPid(folder);
      server.signal(signal);
      expect((await server.exited).code).toBe(0); // it would be 1 after 2.9 s
      expect(await isAlive(postgres)).toBe(false);
      await expect(fetch(url)).rejects.toThrow();
    },
  );

  it('is not made impatient by the second Ctrl-C that npm adds', async () => {
    const server = start(await tempFolder());
    await server.url;
    server.signal('SIGINT');
    server.signal('SIGINT');
    expect((await server.exited).code).toBe(0);
  });

  it('in the middle of a start leaves nothing behind either', async () => {
    const folder = await tempFolder();
    const server = start(folder);
    await expect
      .poll(() => postgresPid(folder).catch(() => 0), { timeout: 60_000, interval: 5 })
      .toBeGreaterThan(0);
    const postgres = await postgresPid(folder);
    server.signal('SIGINT');
    await server.exited;
    await expect.poll(() => isAlive(postgres), { timeout: 30_000 }).toBe(false);
  });

  it('by kill -9 stops PostgreSQL within 5 s', async () => {
    const folder = await tempFolder();
    const server = start(folder);
    await server.url;
    const postgres = await postgresPid(folder);
    server.signal('SIGKILL');
    await expect.poll(() => isAlive(postgres), { timeout: 30_000 }).toBe(false);
  });

  it('follows when PostgreSQL is gone', async () => {
    const folder = await tempFolder();
    const server = start(folder);
    await server.url;
    process.kill(await postgresPid(folder), 'SIGKILL');
    const { code, stderr } = await server.exited;
    expect(code).toBe(1);
    expect(stderr).toContain('the embedded PostgreSQL has ended');
  });
});

describe('a start that cannot be', patience, () => {
  /** The one line that it ends in. */
  async function complaint(server: ServerProcess): Promise<string> {
    const { code, stdout, stderr } = await server.exited;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('{'));
    expect(lines).toHaveLength(1);
    return lines.join();
  }

  it('says so when the port is in use, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    closers.push(async () => other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const folder = await tempFolder();
    const server = start(folder, { PORT: String(port) });
    expect(await complaint(server)).toMatch(
      `Port ${port} on 127.0.0.1 is in use: stop the program that has it, or`,
    );
    await expect(postgresPid(folder)).rejects.toThrow('ENOENT');
  });

  it('says so when another Parley has the data', async () => {
    const folder = await tempFolder();
    const first = start(folder);
    await first.url;
    expect(await complaint(start(folder))).toContain(`in use by another Parley (process ${first.pid})`);
    expect(await ask(await first.url, signIn('alice'))).toEqual(signedIn);
  });

  it('says so when the database cannot be reached, without its password', async () => {
    const url = new URL((await ownDatabase()).url);
    url.password = 'wrong-secret';
    const words = await complaint(start(await tempFolder(), { DATABASE_URL: url.href }));
    expect(words).toContain('refuses the password');
    expect(words).not.toContain('wrong-secret');
  });

  it('names every document that cannot run, before anything else is begun', async () => {
    const { path, remove } = await writeManifestOf('{ "sha256:0": "{ a }", "b": 7 }');
    closers.push(remove);
    const folder = await tempFolder();
    const server = start(folder, { PERSISTED_DOCUMENTS: path });
    const { code, stdout, stderr } = await server.exited;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([
      `The documents in ${path} need correcting:`,
      expect.stringContaining('- sha256:0 is not the SHA-256 of its text'),
      '- b has no text.',
    ]);
    await expect(postgresPid(folder)).rejects.toThrow('ENOENT');
  });

  it('names every wrong setting', async () => {
    const server = start(await tempFolder(), { PORT: 'x', DEMO: 'x', LOG_LEVEL: 'x' });
    const { code, stderr } = await server.exited;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(4);
    expect(stderr).not.toContain('    at ');
  });
});

async function ownDatabase() {
  const database = await openTestDatabase({ isEmpty: true });
  closers.push(database.close);
  return database;
}
