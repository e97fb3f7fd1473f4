import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../prisma/package-root.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { read } from '../client/ask.ts';
import { password, signIn, signUp } from '../client/people.ts';
import { type Closed, closeClient, openStockClient } from '../client/stock-client.ts';
import { done, type Folder, openFolder } from './operator.ts';
import { closeAtEnd } from './running.ts';
import { followEvents } from './talk.ts';

/** Each starts a server or several commands; a test run has the computer not for itself. */
const patience = { timeout: 120_000 };

const signInWith = (httpUrl: string, handle: string, secret: string) =>
  read<{ signIn: { __typename: string; code?: string } }>(httpUrl, {
    query: `mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on UserError { code } } }`,
    variables: { input: { handle, password: secret, device: { label: 'Test', platform: 'BOT' } } },
  });

/** What a command that cannot do its work says: one line, and exit code 1. */
async function complaint(running: ReturnType<Folder['run']>): Promise<string> {
  const { code, stdout, stderr } = await running;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trim().split('\n')).toHaveLength(1);
  return stderr;
}

describe('npm run backup', patience, () => {
  it('works with and without a running server, and finds itself a name', async () => {
    const folder = await openFolder();
    const server = await folder.start();
    await signUp(server.httpUrl, 'ann');
    const said = await done(folder.run('backup', []));
    const [name = ''] = await readdir(join(folder.path, '.data/backups'));
    expect(name).toMatch(/^parley-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.backup\.gz$/);
    expect(said).toMatch(/parley-\S+: \d+ rows in \d+ kB\. Keep it secret\.\n$/);
    expect((await stat(join(folder.path, '.data/backups', name))).mode & 0o777).toBe(0o600);
    await signUp(server.httpUrl, 'bob'); // the server has not noticed anything
    await server.stop();

    await done(folder.run('backup', ['mine']));
    expect(await complaint(folder.run('backup', ['mine']))).toContain('replace it with --force');
    await done(folder.run('backup', ['mine', '--force']));
    const again = await folder.start(); // and nothing is left running
    await signIn(again.httpUrl, 'bob');
  });

  it('says so where there are no data, and makes none', async () => {
    const folder = await openFolder();
    expect(await complaint(folder.run('backup', []))).toContain('There are no data of Parley in');
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('says how it is used when it is called in another way', async () => {
    const folder = await openFolder();
    for (const args of [['a', 'b'], ['--fast']]) {
      const { code, stderr } = await folder.run('backup', args);
      expect(code).toBe(2);
      expect(stderr).toContain('npm run backup [-- <file>]');
    }
  });
});

describe('npm run restore', patience, () => {
  it('refuses while a server runs, and says what to do', async () => {
    const folder = await openFolder();
    const server = await folder.start();
    await done(folder.run('backup', ['file']));
    await signUp(server.httpUrl, 'ann');
    const words = await complaint(folder.run('restore', ['file']));
    expect(words).toContain(`in use by another Parley (process ${server.pid}): stop that one`);
    await signIn(server.httpUrl, 'ann');
  });

  it('refuses a file that is no backup, and leaves everything as it was', async () => {
    const folder = await openFolder();
    expect(await complaint(folder.run('restore', ['nowhere']))).toContain('cannot be read (ENOENT)');
    expect(await complaint(folder.run('restore', [process.execPath]))).toContain('is no backup of Parley');
    expect(await readdir(folder.path)).toEqual([]);
    expect((await folder.run('restore', [])).code).toBe(2);
  });

  it('puts a backup on a new computer, and into a PostgreSQL of your own', async () => {
    const old = await openFolder();
    const server = await old.start();
    await signUp(server.httpUrl, 'ann');
    await done(old.run('backup', ['file']));
    const file = join(old.path, 'file');
    const folder = await openFolder();
    expect(await done(folder.run('restore', [file]))).toContain('Everybody has to sign in again.');
    await signIn((await folder.start()).httpUrl, 'ann');

    const database = closeAtEnd(await openTestDatabase({ isEmpty: true }));
    const settings = { DATABASE_URL: database.url };
    expect(await done(old.run('restore', [file, '--keep-sessions'], { settings }))).toContain(
      'Sessions go on.',
    );
    expect(await complaint(old.run('restore', [file], { settings }))).toContain('is not empty');
    await done(old.run('backup', ['of-own'], { settings }));
  });
});

describe('npm run user:reset-password', patience, () => {
  it('gives a new password, and a running server cuts the sockets by itself', async () => {
    const folder = await openFolder();
    const { httpUrl, socketUrl } = await folder.start();
    const ann = await signUp(httpUrl, 'Ann');
    await signUp(httpUrl, 'bob');
    let onClosed: (closed: Closed) => void = () => {};
    const closed = new Promise<Closed>((resolve) => {
      onClosed = resolve;
    });
    const client = openStockClient({ socketUrl, token: () => ann.session.accessToken, onClosed });
    closeAtEnd({ close: () => closeClient(client) });
    await followEvents(client).find(({ __typename }) => __typename === 'CaughtUp');
    const said = await done(folder.run('user:reset-password', ['ann'], { input: 'a new secret\n' }));
    expect(said).toBe('Ann has a new password. All sessions of Ann (1) end within 5 seconds.\n');
    expect(await closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    expect(await signInWith(httpUrl, 'ann', password)).toMatchObject({
      signIn: { code: 'WRONG_CREDENTIALS' },
    });
    expect(await signInWith(httpUrl, 'ann', 'a new secret')).toMatchObject({
      signIn: { __typename: 'SignInPayload' },
    });
    await signIn(httpUrl, 'bob');
  });

  it('makes one up when none is given, and works without a server', async () => {
    const folder = await openFolder();
    const server = await folder.start();
    await signUp(server.httpUrl, 'ann');
    await server.stop();
    const said = await done(folder.run('user:reset-password', ['ann']));
    const made = /^The new password of ann: (\S{20})$/m.exec(said)?.[1] ?? '';
    const { httpUrl } = await folder.start();
    expect(await signInWith(httpUrl, 'ann', made)).toMatchObject({ signIn: { __typename: 'SignInPayload' } });
  });

  it('says so when there is no such person, or the password cannot be one', async () => {
    const folder = await openFolder();
    const { httpUrl } = await folder.start();
    await signUp(httpUrl, 'ann');
    expect(await complaint(folder.run('user:reset-password', ['nobody']))).toContain(
      'Nobody here has the handle "nobody"',
    );
    const words = await complaint(folder.run('user:reset-password', ['ann'], { input: 'short\n' }));
    expect(words).toContain('A password has 8 to 200 characters. Nothing was changed: try again.');
    await signIn(httpUrl, 'ann');
  });
});

describe('docs/operations.md', patience, () => {
  it('names commands that do as it says, in its order', async () => {
    const text = await readFile(join(packageRoot, 'docs', 'operations.md'), 'utf8');
    const named = text.matchAll(/npm run (?:--silent )?(backup|restore|user:[\w-]+)(?: -- ([^`\n]+))?/g);
    const commands = [...new Set([...named].map(([, script, args = '']) => `${script} ${args}`.trim()))];
    expect(commands.length).toBeGreaterThan(5);
    const folder = await openFolder();
    const server = await folder.start();
    await signUp(server.httpUrl, 'ann');
    const said: string[] = [];
    for (const command of commands) {
      const [script = '', ...args] = command.replaceAll('/mnt/disk2', folder.path).split(' ');
      if (script === 'restore') await server.stop();
      said.push(await done(folder.run(script, args)));
    }
    expect(said.join('')).toContain('The new password of ann:');
    await folder.start();
  });
});
