import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../schema/stream/delivery.ts';
import { checkpointDelivery, messageDelivery } from '../test/serving/feed.ts';
import { closeProduct, openServing, type Serving, viewerOf } from '../test/serving/serving.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../test/serving/wire-client.ts';

let serving: Serving;
let clients: WireClient[] = [];
beforeEach(async () => {
  serving = await openServing();
});
afterEach(async () => {
  await serving.close();
  clients = [];
});
afterAll(closeProduct);

type Subscriber = { readonly token: string; readonly document: string; readonly variables?: object };

/** Everybody subscribes, then the events happen. Gives what each got, a `next` payload per event. */
async function payloads(
  subscribers: readonly Subscriber[],
  script: readonly Delivery[],
): Promise<unknown[][]> {
  clients = await Promise.all(
    subscribers.map(async ({ token, document, variables }, index) => {
      const client = await openAcknowledged(serving.server.socketUrl, token);
      client.send(subscribeFrame(`operation-${index}`, document, variables));
      return client;
    }),
  );
  await expect.poll(() => serving.feed.liveReaders).toBe(subscribers.length);
  for (const delivery of script) serving.feed.push(delivery);
  return Promise.all(
    clients.map(async (client, index) => {
      const got: unknown[] = [];
      for (const _ of script) {
        const frame = await client.next();
        expect(frame).toMatchObject({ id: `operation-${index}`, type: 'next' });
        got.push(frame.payload);
      }
      return got;
    }),
  );
}

const onMessage = (fields: string) =>
  `subscription { events { __typename eventId ... on MessageSent { message { number ${fields} } } } }`;
const script = [messageDelivery(1), messageDelivery(2, { authorId: viewerOf(2).id }), checkpointDelivery(1)];
const [ada, bob] = ['ada', 'bob'];

describe('an event', () => {
  it('is executed once for all subscribers of a document', async () => {
    const document = onMessage('text author { id }');
    const all = await payloads(
      [ada, ada, bob, bob, bob].map((token) => ({ token, document })),
      script,
    );
    expect(serving.watch.executions).toBe(2); // two messages; the checkpoint has none
    for (const one of all) expect(one).toEqual(all[0]);
    expect(all[0]).toMatchObject([
      { data: { events: { __typename: 'MessageSent', message: { text: 'Message 1' } } } },
      { data: { events: { __typename: 'MessageSent', message: { text: 'Message 2' } } } },
      { data: { events: { __typename: 'Checkpoint', eventId: 'checkpoint-1' } } },
    ]);
  });

  it('is executed twice when its author sees something else than the others', async () => {
    const document = onMessage('nonce');
    const [first, second, third] = await payloads(
      [ada, ada, bob].map((token) => ({ token, document })),
      [messageDelivery(1)],
    );
    expect(serving.watch.executions).toBe(2);
    expect(first).toMatchObject([{ data: { events: { message: { nonce: 'nonce-1' } } } }]);
    expect(second).toEqual(first);
    expect(third).toMatchObject([{ data: { events: { message: { nonce: null } } } }]);
  });

  it('is executed for each viewer when one field is not marked', async () => {
    const document = onMessage('isMine');
    const [first, second] = await payloads(
      [ada, bob].map((token) => ({ token, document })),
      [messageDelivery(1)],
    );
    expect(serving.watch.executions).toBe(2);
    expect(first).toMatchObject([{ data: { events: { message: { isMine: true } } } }]);
    expect(second).toMatchObject([{ data: { events: { message: { isMine: false } } } }]);
  });

  it.for([
    ['once for all when it shows what its message answers', 'answered { text }', 1],
    ['for each viewer when it shows what that answers, too', 'answered { answered { text } }', 2],
  ] as const)('is executed %s', async ([, fields, executions]) => {
    const all = await payloads(
      [ada, bob].map((token) => ({ token, document: onMessage(fields) })),
      [messageDelivery(1)],
    );
    expect(serving.watch.executions).toBe(executions);
    expect(all[0]).toEqual(all[1]);
  });

  it('is executed for each viewer when it was copied for one of them', async () => {
    const document = onMessage('text');
    await payloads(
      [ada, bob].map((token) => ({ token, document })),
      [messageDelivery(1, { isShared: false })],
    );
    expect(serving.watch.executions).toBe(2);
    expect(serving.watch.scopes.every(({ sharedView }) => sharedView === undefined)).toBe(true);
  });

  it('is executed again for other values of a variable that changes it, and not for another place to start from', async () => {
    const document = `subscription ($after: [String!], $upTo: Int, $with: Boolean! = true) {
      events(after: $after) { ... on MessageSent { message { number text(upTo: $upTo) @include(if: $with) } } }
    }`;
    const of = (variables: object) => ({ token: ada, document, variables });
    const all = await payloads(
      [
        of({ after: ['1'], upTo: 3 }),
        of({ after: ['2'], upTo: 3 }),
        of({ upTo: 4 }),
        of({ upTo: 4, with: false }),
        of({ upTo: null }),
        of({}),
      ],
      [messageDelivery(1)],
    );
    const texts = ['Mes', 'Mes', 'Mess', undefined, 'Message 1', 'Message 1'];
    const message = (text: string | undefined) => ({ number: 1, ...(text !== undefined && { text }) });
    expect(all).toEqual(texts.map((text) => [{ data: { events: { message: message(text) } } }]));
    // One for both places to start from. Null and nothing are kept apart, as null overrides a default.
    expect(serving.watch.executions).toBe(5);
  });
});

describe('a field that looks at the viewer although it is marked as the same for all', () => {
  it.for(['leak', 'slyLeak'])("fails, and shows nobody what is another viewer's (%s)", async (field) => {
    const document = onMessage(field);
    const all = await payloads(
      [ada, bob].map((token) => ({ token, document })),
      [messageDelivery(1, { authorId: viewerOf(3).id })],
    );
    for (const one of all) {
      expect(one).toMatchObject([
        {
          data: { events: { message: { [field]: null } } },
          errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
        },
      ]);
    }
    expect(serving.logged).toHaveLength(1);
  });
});
