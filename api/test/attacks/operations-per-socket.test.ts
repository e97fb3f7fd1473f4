import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../schema/limits.ts';
import { messageDelivery } from '../serving/feed.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';

// T12, T13: more operations than anybody needs, and ids that are used again and again.

let serving: Serving;
beforeEach(async () => {
  serving = await openServing({ limits: { framesBurst: 100_000, maxWaitingFrames: 100_000 } });
});
afterEach(() => serving.close());
afterAll(closeProduct);

const events = 'subscription { events { eventId } }';
const most = defaultLimits.operationsPerSocket;

describe('T12: 10,000 subscriptions on one socket', () => {
  it('are 64, and an error for each of the others; the socket stays', async () => {
    expect(most).toBe(64);
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    for (let id = 0; id < 10_000; id += 1) client.send(subscribeFrame(`${id}`, events));
    await expect.poll(() => client.frames.length).toBe(10_000 - most);
    for (const frame of client.frames.splice(0)) {
      expect(frame).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    }
    expect(serving.feed.liveReaders).toBe(most);
    client.send(subscribeFrame('one more', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'one more', type: 'error' });
    client.send({ id: '0', type: 'complete' });
    client.send(subscribeFrame('one more', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: 'one more', type: 'next' });
  });
});

describe('T13: an id that is used 10,000 times', () => {
  it('leaves nothing behind, and its last subscription works', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    for (let round = 0; round < 10_000; round += 1) {
      client.send(subscribeFrame('a', round % 3 === 0 ? 'subscription { stuck { eventId } }' : events));
      client.send({ id: 'a', type: 'complete' });
    }
    client.send(subscribeFrame('a', events));
    client.send(subscribeFrame('b', '{ hello }'));
    await client.until(({ id, type }) => id === 'b' && type === 'complete');
    expect(serving.feed.mostLiveReaders).toBeLessThanOrEqual(most);
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    expect(serving.server.counts.operations).toBe(1);
    serving.feed.push(messageDelivery(1));
    expect(await client.next()).toEqual({
      id: 'a',
      type: 'next',
      payload: { data: { events: { eventId: 'chn7.1' } } },
    });
    expect(client.frames).toEqual([]);
    await client.close();
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    expect(serving.server.counts).toMatchObject({ sockets: 0, operations: 0 });
  });

  it('gives the answer of an operation that was given up to nobody', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    client.send(subscribeFrame('a', '{ first: gate }'));
    await expect.poll(() => serving.watch.gates.size).toBe(1);
    client.send({ id: 'a', type: 'complete' });
    client.send(subscribeFrame('a', '{ second: gate }'));
    await expect.poll(() => serving.watch.gates.size).toBe(2);
    for (const open of serving.watch.gates) open();
    expect(await client.next()).toEqual({ id: 'a', type: 'next', payload: { data: { second: 'open' } } });
    expect(await client.next()).toEqual({ id: 'a', type: 'complete' });
    expect(client.frames).toEqual([]);
  });
});
