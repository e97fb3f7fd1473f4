import { connect } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeProduct, openServing, type Serving, viewerOf } from '../test/serving/serving.ts';

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());
afterAll(closeProduct);

const json = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
const post = (query: string, headers: Record<string, string> = {}) =>
  fetch(serving.server.url, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify({ query }),
  });
const path = (to: string) => new URL(to, serving.server.url);

describe('GraphQL over HTTP', () => {
  it('answers queries and mutations by POST, and queries by GET', async () => {
    const ada = { authorization: 'Bearer ada' };
    expect(await (await post('{ viewerId }', ada)).json()).toEqual({ data: { viewerId: viewerOf(1).id } });
    expect(await (await post('mutation { say(text: "Hi") }')).json()).toEqual({ data: { say: 'Hi' } });
    const byGet = await fetch(path('/graphql?query={hello}'));
    expect(byGet.headers.get('content-type')).toContain('application/json');
    expect(await byGet.json()).toEqual({ data: { hello: 'world' } });
  });

  it('never executes what a foreign page could send without asking (Q10)', async () => {
    const mutation = 'mutation { say(text: "Hi") }';
    const forms = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', ''];
    for (const type of forms) {
      const body = Buffer.from(JSON.stringify({ query: mutation }));
      const answer = await fetch(serving.server.url, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(answer.status).toBe(415);
    }
    const byGet = await fetch(path(`/graphql?query=${encodeURIComponent(mutation)}`));
    expect(byGet.status).toBe(405);
    expect(byGet.headers.get('allow')).toBe('POST');
    expect((await fetch(serving.server.url, { method: 'DELETE' })).status).toBe(405);
  });

  it('refuses a token that is no good, but lets one sign in or refresh with it', async () => {
    for (const state of ['expired', 'revoked', 'invalid'] as const) {
      serving.tokens.set('old', { state });
      const old = { authorization: 'Bearer old' };
      const refused = await post('{ hello }', old);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      const signingIn = await post('mutation { signIn(input: { password: "x" }) }', old);
      expect(await signingIn.json()).toEqual({ data: { signIn: 'nobody' } });
      const generated = await post('mutation { __typename signIn(input: { password: "x" }) }', old);
      expect(await generated.json()).toEqual({ data: { __typename: 'Mutation', signIn: 'nobody' } });
      expect((await post('mutation { say(text: "x") }', old)).status).toBe(401);
      expect((await post('mutation { __typename }', old)).status).toBe(401);
    }
  });
});

describe("other people's pages (T1)", () => {
  const origin = 'https://elsewhere.example';

  it('may use the server, without any credentials of the browser', async () => {
    const answer = await post('{ viewerId }', { origin, cookie: 'authorization=Bearer ada' });
    expect(await answer.json()).toEqual({ data: { viewerId: null } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('set-cookie')).toBeNull();
    const asked = await fetch(serving.server.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
  });

  it("can be kept out, on the socket before it is one; this server's own page stays in", async () => {
    const closed = await openServing({ settings: { ALLOWED_ORIGINS: 'https://ours.example' } });
    const { url, port } = closed.server;
    const own = `http://127.0.0.1:${port}`;
    const statusOf = async (from: string) =>
      (await fetch(url, { method: 'POST', headers: { ...json, origin: from }, body: '{"query":"{hello}"}' }))
        .status;
    expect(await Promise.all([origin, 'null', 'https://ours.example', own].map(statusOf))).toEqual([
      403, 403, 200, 200,
    ]);
    expect(await upgradeStatus(port, { Origin: origin })).toBe(403);
    expect(await upgradeStatus(port, { Origin: 'https://ours.example' })).toBe(101);
    expect(await upgradeStatus(port, {})).toBe(101);
    await closed.close();
  });
});

/** How the server answers a request to upgrade. */
async function upgradeStatus(
  port: number,
  headers: Record<string, string>,
  to = '/graphql',
): Promise<number> {
  const connection = connect(port, '127.0.0.1');
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.write(`GET ${to} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const chunk = await new Promise<Buffer>((resolve) => connection.once('data', resolve));
  connection.destroy();
  return Number(/^HTTP\/1.1 (\d+)/.exec(chunk.toString())?.[1]);
}

describe('the paths beside it', () => {
  it('say whether the server lives, and whether clients should come', async () => {
    const answers = [async () => true, async () => false, () => Promise.reject(new Error('No database.'))];
    const unready = await openServing({ isReady: () => (answers.shift() ?? (async () => true))() });
    const statusOf = async (to: string) => (await fetch(new URL(to, unready.server.url))).status;
    expect(await statusOf('/livez')).toBe(200);
    expect(await statusOf('/readyz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(503);
    expect(await statusOf('/readyz')).toBe(503);
    expect(await statusOf('/readyz')).toBe(200);
    await unready.close();
  });

  it('are not there otherwise', async () => {
    for (const to of ['/', '/graphql/x', '/health', '/readyz/x'])
      expect((await fetch(path(to))).status).toBe(404);
    expect(await upgradeStatus(serving.server.port, {}, '/elsewhere')).toBe(404);
  });
});
