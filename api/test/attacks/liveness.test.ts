import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { socketLimits } from '../../socket/admission.ts';
import { frameBytes, openRawSocket } from '../serving/raw-socket.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';

// T10, T14: sockets that are dead, or only look alive.

let clock: ManualClock;
let serving: Serving;
beforeEach(async () => {
  clock = createManualClock(1_000_000);
  serving = await openServing({ clock });
});
afterEach(() => serving.close());
afterAll(closeProduct);

const text = 1;
const pong = 10;
const interval = socketLimits.heartbeatMs;

it('a client that answers its pings stays', async () => {
  const client = await openAcknowledged(serving.server.socketUrl, 'ada');
  for (let beat = 0; beat < 5; beat += 1) {
    const pinged = once(client.webSocket, 'ping');
    await clock.advance(interval);
    const [bytes] = await pinged;
    expect(bytes).toHaveLength(8);
    // What is answered now was sent behind the pong.
    client.send(subscribeFrame(`${beat}`, '{ hello }'));
    await client.until(({ type }) => type === 'complete');
  }
});

describe('T10: a client that sends pongs nobody asked for', () => {
  it.for([
    ['before it is asked', Buffer.alloc(0)],
    ['with bytes of its own', Buffer.alloc(8)],
  ] as const)('is dead all the same (%s)', async ([, bytes]) => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada', { autoPong: false });
    for (let beat = 0; beat < 2; beat += 1) {
      client.webSocket.pong(bytes);
      client.send(subscribeFrame(`${beat}`, '{ hello }'));
      await client.until(({ type }) => type === 'complete');
      await clock.advance(interval);
    }
    expect(await client.closed).toMatchObject({ code: 1006 });
  });
});

describe('T14: a client that is there no more, although its connection is', () => {
  it('is cut within 25 seconds, and its subscriptions end', async () => {
    expect(2 * interval).toBeLessThanOrEqual(25_000);
    const raw = await openRawSocket(serving.server.socketUrl);
    const say = (frame: object) =>
      raw.send(frameBytes({ opcode: text, payload: Buffer.from(JSON.stringify(frame)) }));
    const acknowledged = once(raw.connection, 'data');
    say({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    await acknowledged;
    say(subscribeFrame('a', 'subscription { events { eventId } }'));
    raw.send(frameBytes({ opcode: pong }));
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    await clock.advance(2 * interval);
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    expect(serving.server.counts).toMatchObject({ sockets: 0, operations: 0 });
    expect(await raw.closed).toBe(1006);
  });
});
