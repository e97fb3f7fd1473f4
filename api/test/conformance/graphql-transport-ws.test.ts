import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
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

  it.for([
    ['without a payload', {}],
    ['with null', { payload: null }],
    ['with things that nobody knows', { payload: { client: 'x', deep: { er: [1] } } }],
  ] as const)('works %s', async ([, more]) => {
    const client = await openWire(serving.server.socketUrl);
    client.send({ type: 'connection_init', ...more });
    expect(await client.next()).toEqual({ type: 'connection_ack' });
  });

  it('takes at most the time that there is for it', async () => {
    const clock = createManualClock(0);
    const slow = await openServing({ clock, limits: { initMs: 30 } });
    const client = await openWire(slow.server.socketUrl);
    expect(await client.closed).toMatchObject({ code: 4408 });
    const closed = slow.close();
    await clock.advance(2_000);
    await closed;
  });

  it('comes before anything is asked', async () => {
    const client = await openWire(serving.server.socketUrl);
    client.send(subscribeFrame('a', '{ hello }'));
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.frames).toEqual([]);
  });

  it('ends with a normal close by the client, and with it what ran', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    client.webSocket.close(1000, 'Normal Closure');
    expect(await client.closed).toMatchObject({ code: 1000 });
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
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

  it('that is over by `error` is over: no `complete` follows, and its id is free', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', '{ unknown }'));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'error' });
    client.send(subscribeFrame('a', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'next' });
    expect(await client.next()).toEqual({ id: 'a', type: 'complete' });
  });

  it('that fails while it runs is one `error` after what came before', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.push(messageDelivery(1));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'next' });
    serving.feed.fail(new Error('The source broke.'));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'error', payload: [{}] });
    client.send(subscribeFrame('b', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'b', type: 'next' });
  });

  it('with a source is all its results, and `complete` when that is at its end', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    for (const seq of [1, 2]) serving.feed.push(messageDelivery(seq));
    for (const seq of [1, 2]) {
      const payload = { data: { events: { eventId: `chn7.${seq}` } } };
      expect(await client.next()).toEqual({ id: 'a', type: 'next', payload });
    }
    serving.feed.end();
    expect(await client.next()).toEqual({ id: 'a', type: 'complete' });
    client.send({ id: 'a', type: 'complete' }); // both at once: it is ignored
    client.send(subscribeFrame('a', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'next' });
  });

  it('that its client completes sends nothing any more, also when it had one result', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('gate', '{ gate }'));
    client.send(subscribeFrame('events', events));
    await expect.poll(() => [serving.watch.gates.size, serving.feed.liveReaders]).toEqual([1, 1]);
    for (const id of ['gate', 'events']) client.send({ id, type: 'complete' });
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    for (const open of serving.watch.gates) open();
    serving.feed.push(messageDelivery(1));
    client.send(subscribeFrame('last', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'last', type: 'next' });
    expect(await client.next()).toEqual({ id: 'last', type: 'complete' });
  });

  it('runs beside others, each answered under its own id as soon as it is done', async () => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.send(subscribeFrame('slow', '{ gate }'));
    client.send(subscribeFrame('quick', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'quick', type: 'next' });
    expect(await client.next()).toEqual({ id: 'quick', type: 'complete' });
    for (const open of serving.watch.gates) open();
    expect(await client.next()).toMatchObject({ id: 'slow', payload: { data: { gate: 'open' } } });
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
    ['a document that is no text', '{"type":"subscribe","id":"a","payload":{"query":1}}'],
    ['no operation to complete', '{"type":"complete"}'],
    ['a ping of something', '{"type":"ping","payload":"x"}'],
    ['a list', '[]'],
    ['a type that servers say', '{"type":"connection_ack"}'],
    ['a result', '{"type":"next","id":"a","payload":{}}'],
  ] as const)('with %s closes the socket with 4400', async ([, frame]) => {
    const client = await openAcknowledged(serving.server.socketUrl);
    client.sendText(frame);
    expect(await client.closed).toMatchObject({ code: 4400 });
  });
});
