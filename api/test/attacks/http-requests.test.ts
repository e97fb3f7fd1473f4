import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxBodyBytes } from '../../http/graphql-over-http.ts';
import { openProductServer, type ProductServer } from './product-server.ts';

// Q4, Q10, Q13, T1 and T16: requests over HTTP that are none, or that somebody else's page sends in a visitor's name.

let opened: ProductServer;
beforeAll(async () => {
  opened = await openProductServer();
});
afterAll(() => opened.close());

const json = 'application/json';
const modern = 'application/graphql-response+json';
const events = 'text/event-stream';

let visitors = 0;
/** A mutation that needs no token, and leaves somebody behind if it runs. */
function signUp(): string {
  visitors += 1;
  return `mutation { signUp(input: { handle: "visitor${visitors}", displayName: "V", password: "a good password",
    device: { label: "x", platform: WEB } }) { __typename } }`;
}
const people = () => opened.world.product.prisma.user.count();

type Sent = {
  readonly method?: string;
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: object;
};
function send(
  body: string | undefined,
  { method = 'POST', type = json, accept = modern, headers = {} }: Sent = {},
) {
  const all = { accept, ...(type && { 'content-type': type }), ...headers };
  // Bytes, as `fetch` would otherwise add a type of its own.
  return fetch(opened.server.url, { method, headers: all, body: body && Buffer.from(body) });
}
const byGet = (query: string, accept = modern) =>
  fetch(`${opened.server.url}?${new URLSearchParams({ query })}`, { headers: { accept } });

/** Nothing has been done, and how often that was looked at. */
async function expectNothingDone(what: () => Promise<void>): Promise<void> {
  const before = await people();
  await what();
  expect(await people()).toBe(before);
}

it('somebody is left behind by what these tests send, when it runs', async () => {
  const before = await people();
  expect((await send(JSON.stringify({ query: signUp() }))).status).toBe(200);
  expect(await people()).toBe(before + 1);
});

describe('Q4: several operations in one request', () => {
  it.for([0, 1, 2, 300])('in a list of %i are refused, and none of them runs', (count) =>
    expectNothingDone(async () => {
      const query = signUp();
      const list = JSON.stringify(Array.from({ length: count }, () => ({ query })));
      expect(list.length).toBeLessThan(maxBodyBytes);
      for (const accept of [modern, json, events]) {
        const { status } = await send(list, { accept });
        expect(status).toBe(400);
      }
    }),
  );
});

describe('Q10: what a form, an image or a link on a foreign page can send', () => {
  const form = () => new URLSearchParams({ query: signUp() }).toString();
  const part = () => `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${signUp()}\r\n--x--\r\n`;
  const asJson = () => JSON.stringify({ query: signUp() });

  it.for([
    ['a form', 'application/x-www-form-urlencoded', form],
    ['a form with files', 'multipart/form-data; boundary=x', part],
    ['JSON that says it is text', 'text/plain', asJson],
    ['JSON that hides behind text', 'text/plain; application/json', asJson],
    ['JSON without a type', '', asJson],
    ['a bare document', 'application/graphql', signUp],
    ['JSON of two types', 'text/plain, application/json', asJson],
  ] as const)('%s is refused with 415', ([, type, body]) =>
    expectNothingDone(async () => {
      const { status } = await send(body(), { type, headers: { origin: 'https://evil.example' } });
      expect(status).toBe(415);
    }),
  );

  it('a mutation by GET is refused with 405, whatever answer it wants', () =>
    expectNothingDone(async () => {
      for (const accept of [modern, json, events, '*/*', 'image/*, */*;q=0.8']) {
        const answer = await byGet(signUp(), accept);
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
      }
    }));

  it('no header makes another method of it', () =>
    expectNothingDone(async () => {
      const headers = { 'x-http-method-override': 'POST', 'x-http-method': 'POST' };
      const url = `${opened.server.url}?${new URLSearchParams({ query: signUp(), _method: 'POST' })}`;
      expect((await fetch(url, { headers })).status).toBe(405);
      for (const method of ['PUT', 'PATCH', 'DELETE'])
        expect((await send(asJson(), { method, headers })).status).toBe(405);
      expect((await send(undefined, { method: 'HEAD', type: '' })).status).toBeGreaterThanOrEqual(400);
    }));

  it('a mutation whose answer could not be told does not run', () =>
    expectNothingDone(async () => {
      for (const accept of ['text/csv', 'image/png', 'multipart/mixed'])
        expect((await send(asJson(), { accept })).status).toBe(406);
    }));
});

describe('Q13: an operation that would have several answers', () => {
  const parts = 'multipart/mixed; deferSpec=20220824, application/json';

  it.for([
    [
      'two root fields of a subscription',
      'subscription { events { eventId } messageAdded(channelId: "chn1") { id } }',
    ],
    ['one root field twice', 'subscription { a: events { eventId } b: events { eventId } }'],
    [
      'two by a fragment',
      'subscription { ...F } fragment F on Subscription { a: events { cursor } b: events { cursor } }',
    ],
    ['@defer', '{ ... @defer { server { version } } }'],
    ['@stream', '{ viewer { channels { edges @stream { cursor } } } }'],
    ['@defer in a subscription', 'subscription { events { ... @defer { cursor } } }'],
  ] as const)('is no valid document: %s', async ([, query]) => {
    const wants = [modern, events, parts];
    const answers = await Promise.all(wants.map((accept) => send(JSON.stringify({ query }), { accept })));
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).not.toContain('multipart');
      const text = await answer.text();
      expect(text).toContain('"code":"BAD_USER_INPUT"');
      expect(text).not.toContain('"data":{');
    }
  });

  it('@defer and @stream are directives that nobody knows', async () => {
    for (const query of ['{ ... @defer { server { version } } }', '{ server @stream { version } }']) {
      const answer = await send(JSON.stringify({ query }));
      expect(await answer.text()).toMatch(/Unknown directive \\?"@(defer|stream)\\?"/);
    }
  });
});

describe('T1: what a browser adds by itself', () => {
  it('speaks for nobody: cookies and credentials in an address are not read', async () => {
    const { session } = await opened.world.signUp();
    const query = '{ viewer { id } }';
    const cookie = `authorization=Bearer ${session.accessToken}; token=${session.accessToken}; session=${session.accessToken}`;
    const headers = { cookie, origin: 'https://evil.example' };
    const nobody = { data: { viewer: null }, extensions: { rateLimit: expect.anything() } };
    expect(await (await send(JSON.stringify({ query }), { headers })).json()).toEqual(nobody);
    const search = new URLSearchParams({ query, authorization: `Bearer ${session.accessToken}` });
    search.set('access_token', session.accessToken);
    const answer = await fetch(`${opened.server.url}?${search}`, { headers: { accept: modern } });
    expect(await answer.json()).toEqual(nobody);
  });

  it('no answer sets a cookie or allows credentials, whatever was asked', async () => {
    const query = '{ server { version } }';
    const answers = [
      await send(JSON.stringify({ query })),
      await send(JSON.stringify({ query }), { accept: events }),
      await send('no JSON'),
      await send('x', { type: 'text/plain' }),
      await send(undefined, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }),
      await byGet(query),
      await fetch(opened.server.url, { headers: { accept: 'text/html' } }),
      await fetch(new URL('/livez', opened.server.url)),
      await fetch(new URL('/nowhere', opened.server.url)),
    ];
    for (const answer of answers) {
      await answer.arrayBuffer();
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

/** What the server says to these bytes, until it closes; a request that it takes for one more would be answered, too. */
function sayRaw(lines: readonly string[], body = ''): Promise<string> {
  const host = `127.0.0.1:${opened.server.port}`;
  const connection = connect(opened.server.port, '127.0.0.1');
  connection.write(`${[`POST /graphql HTTP/1.1`, `Host: ${host}`, ...lines].join('\r\n')}\r\n\r\n${body}`);
  let said = '';
  return new Promise((resolve) => {
    connection.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    connection.on('error', () => undefined);
    connection.on('close', () => resolve(said));
  });
}
const statusesIn = (said: string) =>
  [...said.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

describe('T16: a request whose end is doubtful', () => {
  const body = () => JSON.stringify({ query: signUp() });
  const asJson = 'Content-Type: application/json';
  const hidden = () => {
    const inner = body();
    return `0\r\n\r\nPOST /graphql HTTP/1.1\r\nHost: x\r\n${asJson}\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
  };

  it.for([
    ['both a length and chunks', [asJson, 'Content-Length: 5', 'Transfer-Encoding: chunked'], hidden],
    ['chunks that are spelt otherwise', [asJson, 'Transfer-Encoding: xchunked'], hidden],
    ['chunks and something else', [asJson, 'Transfer-Encoding: chunked, identity'], hidden],
    ['two lengths', [asJson, 'Content-Length: 5', 'Content-Length: 200'], body],
    ['a length that is no number', [asJson, 'Content-Length: abc'], body],
    ['a negative length', [asJson, 'Content-Length: -1'], body],
    ['a length with a sign', [asJson, 'Content-Length: +5'], body],
    ['a header over two lines', [asJson, 'X-A: b', ' c: d', 'Content-Length: 5'], body],
    ['a space before the colon', [asJson, 'Content-Length : 5'], body],
  ] as const)('is refused with 400 and nothing behind it is read: %s', ([, lines, rest]) =>
    expectNothingDone(async () => {
      const said = await sayRaw(lines, rest());
      expect(statusesIn(said)).toEqual([400]);
    }),
  );

  it('is refused with 413 before it is sent, when it says that it is too long', async () => {
    const said = await sayRaw([asJson, 'Content-Length: 10000000000', 'Connection: close'], '{"query":"');
    expect(statusesIn(said)).toEqual([413]);
  });
});
