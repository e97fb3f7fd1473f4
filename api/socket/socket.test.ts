import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { messageDelivery } from '../test/serving/feed.ts';
import { frameBytes, openRawSocket } from '../test/serving/raw-socket.ts';
import { closeProduct, openServing, type Serving, viewerOf } from '../test/serving/serving.ts';
import { openAcknowledged, openWire, subscribeFrame } from '../test/serving/wire-client.ts';

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());
afterAll(closeProduct);

const events = 'subscription { events { eventId ... on MessageSent { message { text } } } }';

const frameOfText = (frame: object) => frameBytes({ opcode: 1, payload: Buffer.from(JSON.stringify(frame)) });

describe('a socket', () => {
  it('answers queries, mutations and subscriptions to the stock client', async () => {
    const client = createClient({
      url: serving.server.socketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: 'Bearer ada' },
    });
    const first = async (query: string, variables?: Record<string, unknown>) =>
      (await client.iterate({ query, ...(variables && { variables }) }).next()).value;
    expect(await first('{ hello viewerId }')).toEqual({ data: { hello: 'world', viewerId: viewerOf(1).id } });
    expect(await first('mutation ($t: String!) { say(text: $t) }', { t: 'Hi' })).toEqual({
      data: { say: 'Hi' },
    });
    const subscription = client.iterate({ query: events });
    const event = subscription.next();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.push(messageDelivery(1));
    expect((await event).value).toEqual({
      data: { events: { eventId: 'chn7.1', message: { text: 'Message 1' } } },
    });
    await subscription.return?.();
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    await client.dispose();
  });

  it('is told `complete` when the source of a subscription ends, and nothing when it completed it itself', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    client.send(subscribeFrame('a', events));
    client.send(subscribeFrame('b', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(2);
    client.send({ id: 'a', type: 'complete' });
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.end();
    expect(await client.next()).toEqual({ id: 'b', type: 'complete' });
    await client.close();
  });

  it('gives a reader back at once when its socket is gone, even while it waits', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    client.send(subscribeFrame('a', events));
    client.send(subscribeFrame('b', 'subscription { stuck { eventId } }'));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    await client.close();
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    await expect.poll(() => serving.watch.given).toBe(1);
    expect(serving.server.counts).toMatchObject({ sockets: 0, operations: 0 });
  });

  it('goes on after an event that cannot be shown, and ends a subscription whose source fails', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    client.send(
      subscribeFrame('a', 'subscription { events { eventId ... on MessageSent { message { broken } } } }'),
    );
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.push(messageDelivery(1));
    serving.feed.push(messageDelivery(2));
    for (const seq of [1, 2]) {
      expect(await client.next()).toMatchObject({
        type: 'next',
        payload: {
          data: { events: { eventId: `chn7.${seq}`, message: { broken: null } } },
          errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
        },
      });
    }
    serving.feed.fail(new Error('The log is gone.'));
    expect(await client.next()).toMatchObject({
      id: 'a',
      type: 'error',
      payload: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    await client.close();
  });

  it('does what it was asked for, also when that is taken back in the same breath', async () => {
    const raw = await openRawSocket(serving.server.socketUrl);
    const said = (text: string) => subscribeFrame(text, `mutation { say(text: "${text}") }`);
    raw.send(frameOfText({ type: 'connection_init', payload: { authorization: 'Bearer ada' } }));
    await once(raw.connection, 'data');
    // In one chunk: a server reads them without doing anything in between.
    raw.send(
      Buffer.concat([said('first'), { id: 'first', type: 'complete' }, said('second')].map(frameOfText)),
    );
    await expect.poll(() => serving.watch.said).toEqual(['first', 'second']);
    raw.connection.destroy();
    await raw.closed;
  });

  it('gives each operation, and each event of a subscription, a scope of its own', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    client.send(
      subscribeFrame('a', 'subscription { events { ... on MessageSent { message { number isMine } } } }'),
    );
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.push(messageDelivery(1));
    serving.feed.push(messageDelivery(2));
    await client.next();
    await client.next();
    const { scopes } = serving.watch;
    expect(new Set(scopes).size).toBe(3);
    expect(scopes.map(({ viewer }) => viewer?.id)).toEqual(Array(3).fill(viewerOf(1).id));
    expect(new Set(scopes.map(({ inOrder }) => inOrder)).size).toBe(1);
    await client.close();
  });
});

describe('who asks on a socket', () => {
  it('is nobody without a token, so that one can sign in over the socket', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', '{ viewerId }'));
    expect(await client.next()).toMatchObject({ payload: { data: { viewerId: null } } });
    await client.close();
  });

  it('is found in the headers of an operation, as GraphiQL sends them, when `connection_init` had no token', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    const ask = (id: string, authorization: string, query = '{ viewerId }') =>
      client.send({ id, type: 'subscribe', payload: { query, extensions: { headers: { authorization } } } });
    ask('a', 'Bearer ada');
    expect(await client.until(({ id }) => id === 'a')).toMatchObject({
      payload: { data: { viewerId: viewerOf(1).id } },
    });
    ask('b', 'Bearer bob');
    expect(await client.until(({ id }) => id === 'b')).toMatchObject({
      payload: { data: { viewerId: viewerOf(2).id } },
    });
    serving.tokens.set('old', { state: 'expired' });
    ask('c', 'Bearer old');
    expect(await client.until(({ id }) => id === 'c')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    ask('d', 'Bearer old', 'mutation { signIn(input: { password: "x" }) }');
    expect(await client.until(({ id }) => id === 'd')).toMatchObject({
      payload: { data: { signIn: 'nobody' } },
    });
    await client.close();
  });

  it('is never found in the address or in a cookie', async () => {
    const url = `${serving.server.socketUrl}?authorization=Bearer%20ada&access_token=ada`;
    const client = await openWire(url, {
      headers: { cookie: 'authorization=Bearer ada', authorization: 'Bearer ada' },
    });
    client.send({ type: 'connection_init' });
    await client.next();
    client.send(subscribeFrame('a', '{ viewerId }'));
    expect(await client.next()).toMatchObject({ payload: { data: { viewerId: null } } });
    await client.close();
  });
});
