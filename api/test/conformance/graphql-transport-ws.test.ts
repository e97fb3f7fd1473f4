import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageDelivery } from '../serving/feed.ts';
import { openRawSocket } from '../serving/raw-socket.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, openWire, subscribeFrame } from '../serving/wire-client.ts';

// The protocol as https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md has it, frame by frame.

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());
afterAll(closeProduct);

const events = 'subscription { events { eventId } }';

describe('connecting', () => {
  it('is one `connection_init` and one `connection_ack`', async () => {
    const client = await openWire(serving.server.socketUrl);
    expect(client.webSocket.protocol).toBe('graphql-transport-ws');
    client.send({ type: 'connection_init' });
    expect(await client.next()).toEqual({ type: 'connection_ack' });
    client.send({ type: 'connection_init' });
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  it('needs the subprotocol', async () => {
    const other = await openRawSocket(serving.server.socketUrl, { 'Sec-WebSocket-Protocol': 'graphql-ws' });
    expect(await other.closed).toBe(4406);
  });

  it('answers pings of the protocol before and after it, with what they brought', async () => {
    const client = await openWire(serving.server.socketUrl);
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    client.send({ type: 'connection_init' });
    expect(await client.next()).toEqual({ type: 'connection_ack' });
    client.send({ type: 'ping', payload: { at: 1 } });
    expect(await client.next()).toEqual({ type: 'pong', payload: { at: 1 } });
    client.send({ type: 'pong' });
    client.send(subscribeFrame('a', '{ hello }'));
    expect(await client.next()).toMatchObject({ type: 'next' });
  });
});

describe('an operation', () => {
  it('with one result is `next` and `complete`', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send({
      id: 'a',
      type: 'subscribe',
      payload: { query: 'query A { hello } query B { b: hello }', operationName: 'B' },
    });
    expect(await client.next()).toEqual({ id: 'a', type: 'next', payload: { data: { b: 'world' } } });
    expect(await client.next()).toEqual({ id: 'a', type: 'complete' });
    client.send({
      id: 'a',
      type: 'subscribe',
      payload: { query: '{ hello }', variables: null, extensions: null },
    });
    expect(await client.next()).toMatchObject({ id: 'a', type: 'next' });
  });

  it('that is not valid is one `error`, with all that is wrong', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', '{ unknown another }'));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'error', payload: [{}, {}] });
    client.send(subscribeFrame('b', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'b', type: 'next' });
  });

  it('cannot have the id of one that is running, but that of one that is over', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    client.send({ id: 'a', type: 'complete' });
    client.send({ id: 'unknown', type: 'complete' });
    client.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.opened).toBe(2);
    serving.feed.push(messageDelivery(1));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'next' });
    client.send(subscribeFrame('a', events));
    expect(await client.closed).toMatchObject({ code: 4409 });
  });

  it.for([
    ['no JSON', '{'],
    ['no type', '{"id":"a"}'],
    ['an unknown type', '{"type":"start","id":"a"}'],
    ['no id', '{"type":"subscribe","payload":{"query":"{ hello }"}}'],
    ['an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}'],
    ['no document', '{"type":"subscribe","id":"a","payload":{}}'],
    [
      'variables that are a list',
      '{"type":"subscribe","id":"a","payload":{"query":"{ hello }","variables":[]}}',
    ],
    ['a type that servers say', '{"type":"connection_ack"}'],
  ] as const)('with %s closes the socket with 4400', async ([, frame]) => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.sendText(frame);
    expect(await client.closed).toMatchObject({ code: 4400 });
  });
});
