import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { demoPassword, demoPeople } from '../../seed.ts';
import { ask, read } from '../client/ask.ts';
import { type ServerProcess, startServer } from '../e2e/server-process.ts';

// Q15: a server that others can reach has nobody whose password everybody knows, and offers nobody's token.

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function tempFolder(): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  return path;
}
function start(folder: string, env: Readonly<Record<string, string>>): ServerProcess {
  const server = startServer(folder, env);
  closers.push(server.close);
  return server;
}

const signIn = `mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on SignInPayload { session { accessToken } } ... on UserError { code } } }`;
const input = (handle: string) => ({
  handle,
  password: demoPassword,
  device: { label: 'x', platform: 'WEB' },
});
type SignedIn = { signIn: { code?: string; session?: { accessToken: string } } };
const signInAs = async (url: string, handle: string) =>
  (await read<SignedIn>(url, { query: signIn, variables: { input: input(handle) } })).signIn;

const pageOf = (url: string) => fetch(url, { headers: { accept: 'text/html' } });

/** There is no demo: in the words of the start, on the page, and for who tries. */
async function expectNoDemo(server: ServerProcess, url: string): Promise<void> {
  for (const { handle } of demoPeople)
    expect(await signInAs(url, handle)).toEqual({ __typename: 'Denied', code: 'WRONG_CREDENTIALS' });
  const html = await (await pageOf(url)).text();
  expect(html).toContain('startPage({"people":[],');
  expect(html).not.toContain(demoPassword);
  expect(html).not.toMatch(/eyJ[\w-]+\.[\w-]+\./); // the beginning of any token
  await server.close();
  const { code, stdout } = await server.exited;
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/parley-demo|alice|bob/);
}

/** Each starts a server or two. */
const patience = { timeout: 60_000 };

describe('Q15: a start for the public', patience, () => {
  it('with a database of one’s own has no demo people, and no rows of any', async () => {
    const database = await openTestDatabase({ isEmpty: true });
    closers.push(database.close);
    const server = start(await tempFolder(), { DATABASE_URL: database.url });
    await expectNoDemo(server, await server.url);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('SELECT handle FROM user_account');
    await client.end();
    expect(rows).toEqual([]);
  });

  it('on all addresses has none either, on data that had some, and their tokens are no good', async () => {
    const folder = await tempFolder();
    const trial = start(folder, {});
    const { session } = await signInAs(await trial.url, 'alice');
    expect(session).toHaveProperty('accessToken');
    expect(await (await pageOf(await trial.url)).text()).toContain(demoPassword);
    await trial.close();
    expect((await trial.exited).stdout).toContain('alice');

    const PORT = String(await freePort());
    const server = start(folder, { HOST: '0.0.0.0', PORT });
    await server.url;
    const url = `http://127.0.0.1:${PORT}/graphql`;
    const token = session?.accessToken ?? '';
    expect(await ask(url, { query: '{ viewer { id } }', token })).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    await expectNoDemo(server, url);
  });

  it('cannot be asked to have some', async () => {
    const publicOnes = {
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://chat.example',
      DATABASE_URL: 'postgresql://a@b/c',
    };
    for (const [name, value] of Object.entries(publicOnes)) {
      const { code, stdout, stderr } = await start(await tempFolder(), { DEMO: 'on', [name]: value }).exited;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/DEMO=on is for (this computer|the embedded database) only/);
    }
  });
});

describe('Q15: GRAPHIQL=off', patience, () => {
  it('serves no page, whoever asks for it, and offers none in words', async () => {
    const database = await openTestDatabase();
    closers.push(database.close);
    const server = start(await tempFolder(), { DATABASE_URL: database.url, GRAPHIQL: 'off' });
    const url = await server.url;
    for (const path of ['/', '/graphql', '/graphql?query={server{version}}', '/graphiql', '/index.html']) {
      const answer = await pageOf(new URL(path, url).href);
      expect([answer.status, await answer.text()], path).toEqual([
        path.startsWith('/graphql') ? 406 : 404,
        '',
      ]);
    }
    expect(await read(url, { query: '{ server { __typename } }' })).toEqual({
      server: { __typename: 'Server' },
    });
    await server.close();
    expect((await server.exited).stdout).not.toMatch(/GraphiQL|browser/);
  });
});
