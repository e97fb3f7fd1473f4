import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { socketLimits } from '../../socket/admission.ts';
import { messageDelivery } from '../serving/feed.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';

// T9 and promise G8: clients that make the server talk and do not listen.

let clock: ManualClock;
let serving: Serving;
beforeEach(async () => {
  clock = createManualClock(1_000_000);
  serving = await openServing({
    clock,
    operationsPerSocket: 1_000,
    limits: { heartbeatMs: 3_600_000, framesBurst: 10_000 },
  });
});
afterEach(() => serving.close());
afterAll(closeProduct);

const { congestedBytes, maxBufferedBytes, congestedMs } = socketLimits;
const events = 'subscription { events { ... on MessageSent { message { number text } } } }';
const text = 'x'.repeat(16_000);
/** More than all the buffers of the operating system between a server and a client hold. */
const count = 2_000;

it('has these figures by default', () => {
  expect({ congestedBytes, maxBufferedBytes, congestedMs }).toEqual({
    congestedBytes: 262_144,
    maxBufferedBytes: 1_048_576,
    congestedMs: 15_000,
  });
});

async function subscribeTwo() {
  const deaf = await openAcknowledged(serving.server.socketUrl, 'ada');
  const other = await openAcknowledged(serving.server.socketUrl, 'bob');
  for (const client of [deaf, other]) client.send(subscribeFrame('a', events));
  await expect.poll(() => serving.feed.liveReaders).toBe(2);
  deaf.webSocket.pause();
  for (let seq = 1; seq <= count; seq += 1) serving.feed.push(messageDelivery(seq, { text }));
  await expect.poll(() => other.frames.length).toBe(count);
  await expect.poll(() => serving.server.counts.bufferedBytes).toBeGreaterThan(congestedBytes);
  return { deaf, other };
}

describe('T9: a subscriber that does not read', () => {
  it('costs what is in its buffer, pulls nothing more, and gets everything in order when it reads again', async () => {
    const { deaf } = await subscribeTwo();
    expect(serving.server.counts.bufferedBytes).toBeLessThan(congestedBytes + 2 * text.length);
    const pulled = serving.feed.pulled - count;
    expect(pulled).toBeLessThan(count);
    serving.feed.push(messageDelivery(count + 1, { text }));
    expect(serving.feed.pulled - count).toBeLessThanOrEqual(pulled + 1); // the other one pulls it
    deaf.webSocket.resume();
    await expect.poll(() => deaf.frames.length).toBe(count + 1);
    const numbers = deaf.frames.map(({ payload }) => JSON.stringify(payload).match(/"number":(\d+)/)?.[1]);
    expect(numbers).toEqual(Array.from({ length: count + 1 }, (_, index) => `${index + 1}`));
  });

  it('is cut after 15 seconds without reading, and only then', async () => {
    const { other } = await subscribeTwo();
    await clock.advance(congestedMs - 1);
    expect(serving.server.counts.sockets).toBe(2);
    await clock.advance(1);
    await expect.poll(() => serving.server.counts).toMatchObject({ sockets: 1, bufferedBytes: 0 });
    expect(serving.feed.liveReaders).toBe(1);
    other.send(subscribeFrame('b', '{ hello }'));
    expect(await other.until(({ id }) => id === 'b')).toMatchObject({ type: 'next' });
  });
});

describe('T9: a client that asks and never reads', () => {
  it('is not read from any more above 256 KB, when it makes the server answer pings of 60 KB', async () => {
    const deaf = await openAcknowledged(serving.server.socketUrl, 'ada');
    deaf.webSocket.pause();
    const ping = { type: 'ping', payload: { x: 'x'.repeat(60_000) } };
    for (let sent = 0; sent < 500; sent += 1) deaf.send(ping);
    await expect.poll(() => serving.server.counts.bufferedBytes).toBeGreaterThan(congestedBytes);
    expect(serving.server.counts.bufferedBytes).toBeLessThan(congestedBytes + 2 * 65_536);
    expect(deaf.webSocket.bufferedAmount).toBeGreaterThan(1_000_000);
    await clock.advance(congestedMs);
    await expect.poll(() => serving.server.counts).toMatchObject({ sockets: 0, bufferedBytes: 0 });
  });

  it('is cut above 1 MB, when the answers to what was read already are that large', async () => {
    const deaf = await openAcknowledged(serving.server.socketUrl, 'ada');
    deaf.webSocket.pause();
    for (let id = 0; id < 400; id += 1) deaf.send(subscribeFrame(`${id}`, '{ large(size: 60000) }'));
    await expect.poll(() => serving.server.counts.sockets).toBe(0);
  });
});
