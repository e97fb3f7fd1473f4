import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentIdOf } from '../../manifest.ts';
import { createMetrics } from '../../metrics/metrics.ts';
import { messageDelivery } from '../serving/feed.ts';
import { type ManifestFile, writeManifest } from '../serving/manifest-file.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openSse } from '../serving/sse-client.ts';
import { openAcknowledged, type WireClient } from '../serving/wire-client.ts';

// Q12: documents by id, and a server on which no others run, over everything that GraphQL comes by.

const hello = 'query Hello { hello }';
const echo = 'query Echo($text: String!) { echo(text: $text) }';
const say = 'mutation Say($text: String!) { say(text: $text) }';
const several = 'query First { hello } query Second { viewerId }';
const listen = 'subscription Listen { events { eventId } }';
const signIn = 'mutation SignIn($input: SignInInput!) { signIn(input: $input) }';
const chosen = [hello, echo, say, several, listen, signIn];
const notChosen = 'query NotChosen { hello }';
const unknown = documentIdOf(notChosen);

const code = 'PERSISTED_DOCUMENT_NOT_FOUND';
const isNotFound = { errors: [{ extensions: { code } }] };
const json = 'application/json';
const modern = 'application/graphql-response+json';
const events = 'text/event-stream';

let file: ManifestFile;
beforeAll(async () => {
  file = await writeManifest(chosen);
});
afterAll(async () => {
  await file.remove();
  await closeProduct();
});

let serving: Serving;
const open = async (settings: Readonly<Record<string, string>> = {}) => {
  serving = await openServing({ settings: { PERSISTED_DOCUMENTS: file.path, ...settings } });
};
afterEach(() => serving.close());

type Request = { readonly accept?: string; readonly token?: string };
const headersFor = ({ accept = modern, token = 'ada' }: Request) => ({
  accept,
  authorization: `Bearer ${token}`,
});
const post = (body: object, request: Request = {}) =>
  fetch(serving.server.url, {
    method: 'POST',
    headers: { 'content-type': json, ...headersFor(request) },
    body: JSON.stringify(body),
  });
const get = (search: Record<string, string>, request: Request = {}) =>
  fetch(`${serving.server.url}?${new URLSearchParams(search)}`, { headers: headersFor(request) });
const dataOf = async (answer: Promise<Response>) => (await answer).json();

/** How the answer to one frame of a socket begins: with `next` and a result, or with `error`. */
async function answerTo(client: WireClient, payload: object): Promise<unknown> {
  client.send({ id: 'a', type: 'subscribe', payload });
  const frame = await client.next();
  if (frame.type === 'next') await client.until(({ type }) => type === 'complete');
  return { type: frame.type, payload: frame.payload };
}

describe.each([
  ['beside others', {}],
  ['and no others', { PERSISTED_ONLY: 'on' }],
])('Q12: documents by id, %s', (_, settings) => {
  beforeEach(() => open(settings));

  it('run over HTTP, by POST and by GET', async () => {
    const documentId = documentIdOf(echo);
    const variables = { text: 'Hi' };
    const said = { data: { echo: 'Hi' } };
    expect(await dataOf(post({ documentId, variables }))).toEqual(said);
    expect(await dataOf(post({ documentId, variables, query: '' }))).toEqual(said);
    expect(await dataOf(post({ documentId, variables, query: null }))).toEqual(said);
    expect(await dataOf(post({ extensions: { documentId }, variables }))).toEqual(said);
    expect(await dataOf(post({ documentId, variables, query: echo }))).toEqual(said);
    expect(await dataOf(get({ documentId, variables: JSON.stringify(variables) }))).toEqual(said);
    expect(
      await dataOf(
        get({ extensions: JSON.stringify({ documentId }), query: echo, variables: '{"text":"Hi"}' }),
      ),
    ).toEqual(said);
    expect(await dataOf(get({ documentId: '', query: hello }))).toEqual({ data: { hello: 'world' } });
    const operationName = 'Second';
    expect(await dataOf(get({ documentId: documentIdOf(several), operationName }))).toHaveProperty(
      'data.viewerId',
    );
    expect(await dataOf(post({ documentId: documentIdOf(say), variables }))).toEqual({ data: { say: 'Hi' } });
  });

  it('keep the rules of HTTP', async () => {
    const byGet = await get({ documentId: documentIdOf(say), variables: '{"text":"Hi"}' });
    expect([byGet.status, byGet.headers.get('allow')]).toEqual([405, 'POST']);
    const subscription = await post({ documentId: documentIdOf(listen) }, { accept: modern });
    expect(subscription.status).toBe(406);
    const withoutName = await post({ documentId: documentIdOf(several) });
    expect(withoutName.status).toBe(400);
    expect(await withoutName.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    const query = await post({ documentId: documentIdOf(hello), query: 7 });
    expect(query.status).toBe(400);
    expect((await post({ documentId: 7 })).status).toBe(400);
    expect((await post({ documentId: documentIdOf(hello), more: 1 })).status).toBe(400);
    const list = await post([{ documentId: documentIdOf(hello) }]);
    expect(list.status).toBe(400);
  });

  it('stream as server-sent events', async () => {
    const stream = await openSse(serving.server.url, { token: 'ada', documentId: documentIdOf(listen) });
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.push(messageDelivery(1));
    const data = { data: { events: { eventId: 'chn7.1' } } };
    expect(await stream.next()).toEqual({ event: 'next', data });
    stream.leave();
  });

  it('run over a socket, without a text, with an empty one, and by an extension', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    const documentId = documentIdOf(echo);
    const variables = { text: '"documentId"' };
    const said = { type: 'next', payload: { data: { echo: '"documentId"' } } };
    expect(await answerTo(client, { documentId, variables })).toEqual(said);
    expect(await answerTo(client, { documentId, variables, query: '' })).toEqual(said);
    expect(await answerTo(client, { documentId, variables, query: echo })).toEqual(said);
    expect(await answerTo(client, { extensions: { documentId }, variables })).toEqual(said);
    expect(await answerTo(client, { extensions: { documentId }, variables, query: '' })).toEqual(said);
    client.send({ id: 'b', type: 'subscribe', payload: { documentId: documentIdOf(listen) } });
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.push(messageDelivery(1));
    expect(await client.next()).toMatchObject({
      id: 'b',
      payload: { data: { events: { eventId: 'chn7.1' } } },
    });
    await client.close();
  });

  it('that nobody knows are refused, over HTTP with a status, over a socket that stays', async () => {
    for (const accept of [modern, json, events]) {
      const answer = await post({ documentId: unknown }, { accept });
      expect(answer.status, accept).toBe(accept === modern ? 400 : 200);
      expect(await answer.text()).toContain(`"code":"${code}"`);
      expect((await get({ documentId: unknown }, { accept })).status).toBe(accept === modern ? 400 : 200);
    }
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    for (const payload of [
      { documentId: unknown },
      { documentId: unknown, query: '' },
      { extensions: { documentId: unknown } },
    ])
      expect(await answerTo(client, payload)).toMatchObject({ type: 'error', payload: isNotFound.errors });
    expect(await answerTo(client, { documentId: documentIdOf(hello) })).toMatchObject({ type: 'next' });
    expect(serving.server.counts.operations).toBe(0);
    await client.close();
  });
});

describe('Q12: where only chosen documents run', () => {
  beforeEach(() => open({ PERSISTED_ONLY: 'on' }));

  it('one of them may be sent as a text, and nothing else: it is not even looked at', async () => {
    expect(await dataOf(post({ query: hello }))).toEqual({ data: { hello: 'world' } });
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    expect(await answerTo(client, { query: hello })).toMatchObject({ type: 'next' });
    const others = [
      notChosen,
      `${hello} `,
      hello.replace('Hello', ''),
      'mutation { say(text: "x") }',
      listen.replace('eventId', 'cursor'),
      '{ __schema { queryType { name } } }',
      '{ __typename }',
      '{ hell }',
      '{',
      `{ ${'hello '.repeat(5_000)} }`,
    ];
    for (const query of others) {
      const answer = await post({ query });
      expect(answer.status, query).toBe(400);
      expect(await answer.json()).toMatchObject(isNotFound);
      expect(await answerTo(client, { query })).toMatchObject({ type: 'error', payload: isNotFound.errors });
    }
    expect((await get({ query: notChosen })).status).toBe(400);
    expect(await (await post({ query: listen.toUpperCase() }, { accept: events })).text()).toContain(code);
    expect(await dataOf(post({ documentId: documentIdOf(hello), query: notChosen }))).toMatchObject(
      isNotFound,
    );
    expect(await dataOf(post({ documentId: unknown, query: notChosen }))).toMatchObject(isNotFound);
    expect(serving.server.counts).toMatchObject({ checked: 0, remembered: 0, operations: 0 });
    expect(await answerTo(client, { query: hello })).toMatchObject({ type: 'next' });
    await client.close();
  });

  it('there is no page to type others, and what is wrong with a variable tells nothing of the schema', async () => {
    const page = await fetch(serving.server.url, { headers: { accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([406, '']);
    expect((await fetch(new URL('/', serving.server.url), { headers: { accept: 'text/html' } })).status).toBe(
      404,
    );
    const answer = await post({ documentId: documentIdOf(signIn), variables: { input: { passwort: 'x' } } });
    const text = await answer.text();
    expect(text).toContain('passwort');
    expect(text).not.toMatch(/Did you mean|"password"/);
  });
});

describe('Q12: an id and a text', () => {
  it('that are not of one document are refused, where others run as well', async () => {
    await open();
    const mixed = { documentId: documentIdOf(hello), query: notChosen };
    const refused = { extensions: { code: 'BAD_USER_INPUT' } };
    const answer = await post(mixed);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [refused] });
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    expect(await answerTo(client, mixed)).toMatchObject({ type: 'error', payload: [refused] });
    expect(await answerTo(client, { documentId: unknown, query: notChosen })).toMatchObject({ type: 'next' });
    await client.close();
  });
});

describe('Q12: operations of chosen documents', () => {
  it('are counted by their names', async () => {
    const metrics = createMetrics({ documents: chosen });
    serving = await openServing({ metrics, settings: { PERSISTED_DOCUMENTS: file.path } });
    await post({ documentId: documentIdOf(say), variables: { text: 'x' } });
    await post({ documentId: unknown });
    const text = await metrics.text();
    expect(text).toContain('parley_operations_total{type="mutation",name="Say",outcome="ok"} 1');
    expect(text).toContain(`parley_operations_total{type="invalid",name="other",outcome="${code}"} 1`);
  });
});
