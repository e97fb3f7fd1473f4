import { type ExecutionArgs, parse, subscribe } from 'graphql';
import { makeServer } from 'graphql-ws';
import { afterAll, expect, it } from 'vitest';
import type { Viewer } from '../../schema/scope.ts';
import type { Delivery } from '../../schema/stream/delivery.ts';
import { unordered } from '../../schema/stream/in-order.ts';
import { checkpointDelivery, createFeed, messageDelivery } from '../test/serving/feed.ts';
import { closeProduct, openServing, productOfFile, viewerOf } from '../test/serving/serving.ts';
import { createSmallSchema } from '../test/serving/small-schema.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';

afterAll(closeProduct);

type Case = {
  readonly token: string;
  readonly viewer: Viewer;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
};

/** An id that JSON must escape, and a text that is nearly as bad. */
const id = 'a "quoted"\\ id\n\u2028';
const script: readonly Delivery[] = [
  messageDelivery(1),
  messageDelivery(2, { authorId: viewerOf(2).id, text: 'Grüße, "Bob" \\ \u{1f600}\u2028\n</script>' }),
  checkpointDelivery(1),
  messageDelivery(3, { isShared: false }),
  messageDelivery(4, { text: '' }),
];

/** What stock graphql-ws with stock graphql-js writes, for one viewer alone. */
async function framesFromStock({ viewer, query, variables }: Case): Promise<string[]> {
  const feed = createFeed();
  const { schema } = createSmallSchema(feed);
  const product = await productOfFile();
  const frames: string[] = [];
  let say: (frame: string) => Promise<void> = async () => undefined;
  const args: ExecutionArgs = {
    schema,
    document: parse(query),
    variableValues: variables,
    contextValue: { ...product, viewer, inOrder: unordered },
  };
  const closed = makeServer({ onSubscribe: () => args, subscribe }).opened(
    {
      protocol: 'graphql-transport-ws',
      send: (frame) => void frames.push(frame),
      close: (code, reason) => {
        throw new Error(`Closed: ${code} ${reason}`);
      },
      onMessage: (listener) => {
        say = listener;
      },
    },
    undefined,
  );
  await say(JSON.stringify({ type: 'connection_init' }));
  const running = say(JSON.stringify(subscribeFrame(id, query, variables)));
  await expect.poll(() => feed.liveReaders).toBe(1);
  for (const delivery of script) feed.push(delivery);
  await expect.poll(() => frames.length).toBe(script.length + 1);
  feed.end();
  await running;
  await closed(1000, '');
  return frames.slice(1);
}

/** What our server writes to each of several who listen at once. */
async function framesFromServer(cases: readonly Case[]): Promise<string[][]> {
  const serving = await openServing();
  const clients = await Promise.all(
    cases.map(async ({ token, query, variables }) => {
      const client = await openAcknowledged(serving.server.socketUrl, token);
      client.send(subscribeFrame(id, query, variables));
      return client;
    }),
  );
  await expect.poll(() => serving.feed.liveReaders).toBe(cases.length);
  for (const delivery of script) serving.feed.push(delivery);
  await expect.poll(() => clients.every(({ texts }) => texts.length === script.length + 1)).toBe(true);
  serving.feed.end();
  for (const client of clients) await client.until(({ type }) => type === 'complete');
  await serving.close();
  return clients.map(({ texts }) => texts.slice(1));
}

const ofEverybody = (query: string, variables?: Record<string, unknown>): Case[] =>
  [
    { token: 'ada', viewer: viewerOf(1) },
    { token: 'bob', viewer: viewerOf(2) },
  ].map((who) => ({ ...who, query, ...(variables && { variables }) }));

const cases = [
  ...ofEverybody('subscription { events { __typename eventId cursor } }'),
  ...ofEverybody(
    'subscription { events { ... on MessageSent { message { text number author { id } } } eventId } }',
  ),
  ...ofEverybody(
    'subscription { events { ...E } } fragment E on ChatEvent { ... on MessageSent { message { nonce text } } }',
  ),
  ...ofEverybody('subscription { events { ... on MessageSent { message { isMine nonce } } } }'),
  ...ofEverybody(
    'subscription { events { ... on MessageSent { message { nonce answered { text number } } } } }',
  ),
  ...ofEverybody(
    'subscription { events { ... on MessageSent { message { ...M answered { ...M } } } } } fragment M on Message { nonce number }',
  ),
  ...ofEverybody(
    'subscription ($n: Int) { e: events(after: ["x"]) { ... on MessageSent { message { t: text(upTo: $n) } } } }',
    { n: 4 },
  ),
];

it('writes the frames stock graphql-ws would write', async () => {
  const expected: string[][] = [];
  for (const one of cases) expected.push(await framesFromStock(one));
  expect(expected[0]).toHaveLength(script.length + 1);
  expect(await framesFromServer(cases)).toEqual(expected);
});
