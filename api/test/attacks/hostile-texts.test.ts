import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../../schema/test/world.ts';
import { openSse } from '../serving/sse-client.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';
import { openProductServer, type ProductServer } from './product-server.ts';

// A17: what somebody wrote is kept as it was written and told as JSON, so that showing it is up to who shows it; or it is refused in words.

let opened: ProductServer;
let ada: Person;
let bob: Person;
let channelId: string;
beforeAll(async () => {
  opened = await openProductServer({}, {}, { log: 'postgres' });
  [ada, bob] = [await opened.world.signUp('ada'), await opened.world.signUp('bob')];
  const create = `mutation ($input: CreateGroupInput!) { createGroup(input: $input) { ... on CreateGroupPayload { channel { id } } } }`;
  const input = { name: 'Two', memberIds: [bob.userId], nonce: 'two' };
  const { data } = await ada.execute<{ createGroup: { channel: { id: string } } }>(create, { input });
  channelId = data.createGroup.channel.id;
});
afterAll(() => opened.close());

const marks = '\u0301'.repeat(3_999);
const good: readonly (readonly [string, string])[] = [
  ['a script', '<script>alert(document.domain)</script>'],
  ['the end of a script', '</script><img src=x onerror=alert(1)>'],
  ['a comment and a CDATA section', '<!--<![CDATA[]]>-->'],
  ['an address that runs', '[click](javascript:alert(1)) ![x](data:text/html,<b>)'],
  ['templates', `{{constructor.constructor("alert(1)")()}} \${7*7} <%= 7*7 %> #{7*7}`],
  ['a text that looks like an answer', '"}]},"errors":[{"message":"x"}],"data":{"a":[{"b":"'],
  ['a text that looks like a frame', '{"id":"a","type":"complete"}'],
  ['a text that looks like an event', 'x\n\nevent: complete\ndata: x\n\n'],
  ['an override of the direction', 'photo\u202egnp.exe'],
  ['isolates that never end', '\u2066\u2067\u2068\u2069\u2066'],
  ['right to left', 'שלום עולם \u200f مرحبا بالعالم'],
  ['nothing to be seen', 'a\u200b\u200c\u200d\u2060\ufeffb'],
  ['letters that look like others', 'аdmin раypal'],
  ['one letter with four thousand marks, as long as a text can be', `a${marks}`],
  ['families, flags, skins', '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🤷🏽‍♀️ 🇩🇪🇩🇪🇩 ✍️'],
  ['four thousand emoji', '😀'.repeat(4_000)],
  ['characters that are none', '\ufdd0\uffff\u{1fffe}\u{10ffff}'],
  ['private ones, and tags', '\ue000\u{e0001}\u{e007f}'],
  ['other ends of lines', 'a\u2028b\u2029c\r\nd\te'],
  ['the same letter written in two ways', '\u00e9 e\u0301'],
  ['what begins like an interlinear note', '\ufff9a\ufffab\ufffb'],
  ['replacement characters', '\ufffd\ufffd'],
];
const bad: readonly (readonly [string, string, string])[] = [
  ['half a character', 'a\ud800b', 'MALFORMED'],
  ['the other half', '\udc00', 'MALFORMED'],
  ['halves the wrong way round', '\udc00\ud800', 'MALFORMED'],
  ['a zero', 'a\u0000b', 'MALFORMED'],
  ['a bell, an escape and a delete', '\u0007\u001b[31m\u007f', 'MALFORMED'],
  ['control characters of the second kind', 'a\u0085\u009bb', 'MALFORMED'],
  ['a mark more than a text can have', `a${marks}\u0301`, 'TOO_LONG'],
  ['white space of all kinds', ' \t\r\n\u00a0\u2003\u3000\ufeff', 'EMPTY'],
];

const send = `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) {
  __typename ... on SendMessagePayload { message { text } } ... on InvalidInput { code field } } }`;
const events = 'subscription { events { ... on MessageSent { message { text } } } }';
const json = 'application/json';
const modern = 'application/graphql-response+json';

/** Every character above ASCII as an escape, as some clients write JSON; halves of characters can come only so. */
const escaped = (value: unknown) =>
  JSON.stringify(value).replaceAll(
    /[^\0-~]/g,
    (half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const post = ({ session }: Person, body: string, accept = modern) =>
  fetch(opened.server.url, {
    method: 'POST',
    headers: { 'content-type': json, accept, authorization: `Bearer ${session.accessToken}` },
    body,
  });

let nonces = 0;
async function say(text: string, write = JSON.stringify as (value: unknown) => string): Promise<unknown> {
  nonces += 1;
  const variables = { input: { channelId, text, nonce: `n${nonces}` } };
  const answer = await post(ada, write({ query: send, variables }));
  expect(answer.headers.get('content-type')).toBe(`${modern}; charset=utf-8`);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  return (await answer.json()).data.result;
}

describe('A17: a text that means something to whoever shows it', () => {
  it.for(good)('is kept and told as it was written: %s', async ([, text]) => {
    const isKept = { __typename: 'SendMessagePayload', message: { text } };
    expect(await say(text)).toEqual(isKept);
    expect(await say(text, escaped)).toEqual(isKept);
    const query = `query ($id: ID!) { channel(id: $id) { messages(last: 2) { edges { node { text } } } } }`;
    const answer = await post(bob, JSON.stringify({ query, variables: { id: channelId } }));
    const edge = { node: { text } };
    expect(await answer.json()).toEqual({
      data: { channel: { messages: { edges: [edge, edge] } } },
      extensions: { rateLimit: expect.anything() },
    });
  });

  it.for(bad)('is refused in words when it cannot be kept: %s', async ([, text, code]) => {
    const isRefused = { __typename: 'InvalidInput', code, field: ['text'] };
    expect(await say(text, escaped)).toEqual(isRefused);
  });

  it('is the same over a socket and in a stream, each of them as one text', async () => {
    const token = bob.session.accessToken;
    const socket = await openAcknowledged(opened.server.socketUrl, token);
    socket.send(subscribeFrame('a', events));
    const stream = await openSse(opened.server.url, { token, query: events });
    const isCaughtUp = { data: { events: {} } };
    expect(await socket.next()).toMatchObject({ payload: isCaughtUp });
    expect(await stream.next()).toEqual({ event: 'next', data: isCaughtUp });
    for (const [, text] of good) {
      await say(text);
      const payload = { data: { events: { message: { text } } } };
      expect(await socket.next()).toEqual({ id: 'a', type: 'next', payload });
      expect(await stream.next()).toEqual({ event: 'next', data: payload });
    }
    stream.leave();
    await socket.close();
  });

  it('is refused where it would be a name, when it turns the text around it', async () => {
    const update = `mutation ($input: UpdateProfileInput!) { result: updateProfile(input: $input) {
      __typename ... on InvalidInput { code } ... on UpdateProfilePayload { viewer { user { displayName } } } } }`;
    const rename = async (displayName: string) =>
      (await ada.execute<{ result: object }>(update, { input: { displayName } })).data.result;
    for (const name of ['Ada\u202e', '\u2066Ada', 'A\u2028da', 'Ada\ud800', 'Ada\n'.concat('x')])
      expect(await rename(name), JSON.stringify(name)).toEqual({
        __typename: 'InvalidInput',
        code: 'MALFORMED',
      });
    for (const displayName of ['<b>Ada</b>', 'עדה', 'Ada 👩‍💻', `A${'\u0301'.repeat(62)}`])
      expect(await rename(displayName)).toEqual({
        __typename: 'UpdateProfilePayload',
        // Each character is written in one way.
        viewer: { user: { displayName: displayName.normalize('NFC') } },
      });
  });

  it('of a megabyte is not even read', async () => {
    const variables = { input: { channelId, text: `a${'\u0301'.repeat(500_000)}`, nonce: 'long' } };
    const answer = await post(ada, JSON.stringify({ query: send, variables }));
    expect(answer.status).toBe(413);
    const socket = await openAcknowledged(opened.server.socketUrl, ada.session.accessToken);
    socket.send(subscribeFrame('a', send, variables));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });
});

describe('A17: whatever the server answers', () => {
  it('says what it is, and no browser shall guess', async () => {
    const query = '{ server { version } }';
    const body = JSON.stringify({ query });
    const { origin } = new URL(opened.server.url);
    const answers: readonly (readonly [Promise<Response>, string | null])[] = [
      [post(ada, body), `${modern}; charset=utf-8`],
      [post(ada, body, json), `${json}; charset=utf-8`],
      [post(ada, body, 'text/event-stream'), 'text/event-stream'],
      [post(ada, '{'), `${modern}; charset=utf-8`],
      [post(ada, JSON.stringify({ query: '{ <script> }' })), `${modern}; charset=utf-8`],
      [post(ada, body, 'text/html'), null],
      [fetch(opened.server.url, { headers: { accept: 'text/html' } }), 'text/html; charset=utf-8'],
      [fetch(`${origin}/<script>`), null],
      [fetch(`${origin}/livez`), null],
      [fetch(opened.server.url, { method: 'OPTIONS' }), null],
      [fetch(opened.server.url, { method: 'POST', body: 'x' }), null],
    ];
    for (const [asked, type] of answers) {
      const answer = await asked;
      const text = await answer.text();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-type'), text.slice(0, 100)).toBe(type);
      if (type === null) expect(text).toBe('');
    }
  });

  it('the one page runs the scripts it came with and talks to this server: to no others', async () => {
    const page = await fetch(opened.server.url, { headers: { accept: 'text/html' } });
    const html = await page.text();
    const policy = new Map(
      (page.headers.get('content-security-policy') ?? '').split('; ').map((rule) => {
        const [name = '', ...sources] = rule.split(' ');
        return [name, sources];
      }),
    );
    const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    );
    expect(hashes).toHaveLength(3);
    expect(policy.get('script-src')).toEqual(hashes);
    const host = `127.0.0.1:${opened.server.port}`;
    expect(policy.get('connect-src')).toEqual(["'self'", `ws://${host}`, `wss://${host}`]);
    for (const nothing of ['default-src', 'base-uri', 'form-action', 'frame-ancestors'])
      expect(policy.get(nothing), nothing).toEqual(["'none'"]);
    expect(
      [...policy.values()].flat().filter((source) => /^(\*|https?:|'unsafe-eval')/.test(source)),
    ).toEqual([]);
    // The editor writes styles, and nothing but styles, into the page.
    const isInline = [...policy].filter(([, sources]) => sources.includes("'unsafe-inline'"));
    expect(isInline.map(([name]) => name)).toEqual(['style-src']);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('the page has no handlers in attributes, which would not run', async () => {
    const page = await fetch(opened.server.url, { headers: { accept: 'text/html' } });
    const markup = (await page.text()).replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, '');
    expect(markup).toContain('<div id="root">');
    expect(markup).not.toMatch(/\son\w+=|javascript:/i);
  });
});
