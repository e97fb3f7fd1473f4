import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { socketLimits } from '../../socket/admission.ts';
import { frameBytes, openRawSocket } from '../serving/raw-socket.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../serving/wire-client.ts';

// T11: more frames than anybody types.

let clock: ManualClock;
let serving: Serving;
beforeEach(async () => {
  clock = createManualClock(1_000_000);
  serving = await openServing({
    clock,
    operationsPerSocket: 1_000,
    limits: { heartbeatMs: 3_600_000, closeMs: 100 },
  });
});
afterEach(() => serving.close());
afterAll(closeProduct);

const ping = 9;
/** `connection_init` took one of the tokens. */
const left = socketLimits.framesBurst - 1;

const flood = (client: WireClient, count: number) => {
  for (let index = 0; index < count; index += 1) client.send(subscribeFrame(`${index}`, '{ hello }'));
};
const answersTo = (client: WireClient) => client.texts.filter((frame) => frame.includes('"next"')).length;

it('has these figures by default', () => {
  expect(socketLimits).toMatchObject({ framesPerSecond: 50, framesBurst: 200, floodMs: 10_000 });
});

describe('T11: a client above its rate', () => {
  it('has its burst answered, then 50 frames a second, in order, and keeps its socket', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    flood(client, left + 100);
    await expect.poll(() => answersTo(client)).toBe(left);
    await clock.advance(1_000);
    await expect.poll(() => answersTo(client)).toBe(left + 50);
    await clock.advance(1_000);
    await expect.poll(() => answersTo(client)).toBe(left + 100);
    const ids = client.frames.filter(({ type }) => type === 'next').map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: left + 100 }, (_, index) => index));
    await clock.advance(60_000);
    flood(client, 200);
    await expect.poll(() => answersTo(client)).toBe(left + 300);
  });

  it('is sent away with 1013 when it is still flooding after 10 seconds', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    flood(client, 5_000);
    await expect.poll(() => answersTo(client)).toBe(left);
    for (let half = 1; half <= 19; half += 1) {
      await clock.advance(500);
      await expect.poll(() => answersTo(client)).toBe(left + half * 25);
    }
    await clock.advance(500);
    expect(await client.closed).toMatchObject({ code: 1013 });
    await expect.poll(() => serving.server.counts.sockets).toBe(0);
  });

  it('is sent away at once when it stuffs thousands of tiny frames into one packet', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    for (let count = 0; count < 20_000; count += 1) client.send({ type: 'ping' });
    expect(await client.closed).toMatchObject({ code: 1013 });
  });

  it('harms nobody else, whether with frames, pings or pongs', async () => {
    const other = await openAcknowledged(serving.server.socketUrl, 'bob');
    for (const opcode of [ping, 10]) {
      const raw = await openRawSocket(serving.server.socketUrl);
      const one = frameBytes({ opcode, payload: Buffer.alloc(50) });
      raw.send(Buffer.concat(Array.from({ length: 20_000 }, () => one)));
      other.send(subscribeFrame(`${opcode}`, '{ hello }'));
      expect(await other.until(({ id, type }) => id === `${opcode}` && type === 'next')).toBeDefined();
      expect(serving.server.counts.bufferedBytes).toBeLessThan(100_000);
      raw.connection.destroy();
    }
    // While nothing is read from them, nobody sees that they are gone.
    const countLater = async () => {
      await clock.advance(500);
      return serving.server.counts.sockets;
    };
    await expect.poll(countLater).toBe(1);
  });
});
