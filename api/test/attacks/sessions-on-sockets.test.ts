import { createClient } from 'graphql-ws';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { closeProduct, openServing, type Serving, signedIn, viewerOf } from '../serving/serving.ts';
import { openAcknowledged, openWire, subscribeFrame } from '../serving/wire-client.ts';

// T2, A7, A8: what a token is worth on a socket, and for how long.

let serving: Serving;
afterEach(() => serving.close());
afterAll(closeProduct);

const events = 'subscription { events { eventId } }';

describe('T2: a token in `connection_init`', () => {
  it.for([
    ['expired', 4403],
    ['revoked', 4401],
    ['invalid', 4401],
  ] as const)('that is %s closes the socket with %i', async ([state, code]) => {
    serving = await openServing();
    serving.tokens.set('token', { state });
    const client = await openWire(serving.server.socketUrl);
    client.send({ type: 'connection_init', payload: { authorization: 'Bearer token' } });
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toEqual([]);
    await expect.poll(() => serving.server.counts).toMatchObject({ sockets: 0, pendingSockets: 0 });
  });
});

describe('A8: a token that expires on a live socket', () => {
  it('closes it with 4403 at that moment, and its subscriptions end', async () => {
    const clock = createManualClock(1_000_000);
    serving = await openServing({ clock });
    serving.tokens.set('short', signedIn(1, new Date(1_005_000)));
    const client = await openAcknowledged(serving.server.socketUrl, 'short');
    client.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    await clock.advance(4_999);
    client.send(subscribeFrame('b', '{ viewerId }'));
    expect(await client.next()).toMatchObject({ id: 'b', payload: { data: { viewerId: viewerOf(1).id } } });
    await clock.advance(1);
    expect(await client.closed).toMatchObject({ code: 4403 });
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
  });

  it('is followed by the stock client, which comes back by itself with a newer one', async () => {
    const clock = createManualClock(1_000_000);
    serving = await openServing({ clock });
    serving.tokens.set('first', signedIn(1, new Date(1_005_000)));
    serving.tokens.set('second', signedIn(1, new Date(2_000_000)));
    const given = ['first', 'second'];
    const codes: unknown[] = [];
    const client = createClient({
      url: serving.server.socketUrl,
      webSocketImpl: WebSocket,
      retryWait: async () => undefined,
      connectionParams: () => ({ authorization: `Bearer ${given.shift()}` }),
      on: { closed: (event) => codes.push(event instanceof Object && 'code' in event && event.code) },
    });
    const results = client.iterate({ query: events });
    const first = results.next();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    await clock.advance(5_000);
    await expect.poll(() => serving.feed.opened).toBe(2);
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    expect(codes).toEqual([4403]);
    serving.feed.end();
    expect(await first).toMatchObject({ done: true });
    await client.dispose();
  });
});

describe('A7: a session that is revoked', () => {
  it('closes its sockets with 4401, and no others', async () => {
    serving = await openServing();
    const url = serving.server.socketUrl;
    const [one, two] = [await openAcknowledged(url, 'ada'), await openAcknowledged(url, 'ada')];
    const other = await openAcknowledged(url, 'bob');
    serving.revoke(viewerOf(1).sessionId);
    expect(await one.closed).toMatchObject({ code: 4401 });
    expect(await two.closed).toMatchObject({ code: 4401 });
    other.send(subscribeFrame('a', '{ hello }'));
    expect(await other.next()).toMatchObject({ payload: { data: { hello: 'world' } } });
    await expect.poll(() => [...serving.watched]).toEqual([viewerOf(2).sessionId]);
    await other.close();
    await expect.poll(() => serving.watched.size).toBe(0);
  });

  it('closes the socket on which its token came with one operation only', async () => {
    serving = await openServing();
    const client = await openAcknowledged(serving.server.socketUrl);
    const extensions = { headers: { authorization: 'Bearer ada' } };
    client.send({ id: 'a', type: 'subscribe', payload: { query: events, extensions } });
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.revoke(viewerOf(1).sessionId);
    expect(await client.closed).toMatchObject({ code: 4401 });
  });
});
