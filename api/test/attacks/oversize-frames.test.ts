import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketLimits } from '../../socket/admission.ts';
import { frameBytes, openRawSocket } from '../serving/raw-socket.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';

// T7, T8: frames that are too large, come in too many parts, or blow up.

let serving: Serving;
beforeEach(async () => {
  serving = await openServing({ limits: { closeMs: 100 } });
});
afterEach(() => serving.close());
afterAll(closeProduct);

const text = 1;
const continuation = 0;

describe('T7: a frame', () => {
  it('of up to 64 KiB is read', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada');
    const frame = subscribeFrame('a', 'query ($t: String!) { echo(text: $t) }', { t: '' });
    const room = 65_536 - JSON.stringify(frame).length;
    client.send(subscribeFrame('a', 'query ($t: String!) { echo(text: $t) }', { t: 'x'.repeat(room) }));
    expect(await client.next()).toMatchObject({ payload: { data: { echo: 'x'.repeat(room) } } });
    await client.close();
  });

  it('of more is refused with 1009, when only its length is known', async () => {
    expect(socketLimits.maxPayloadBytes).toBe(65_536);
    const raw = await openRawSocket(serving.server.socketUrl);
    raw.send(frameBytes({ opcode: text, payload: Buffer.alloc(10_000_000) }).subarray(0, 14));
    expect(await raw.closed).toBe(1009);
  });

  it('of a hundred thousand empty parts is refused with 1008 after 64 of them', async () => {
    expect(socketLimits.maxFragments).toBe(64);
    const raw = await openRawSocket(serving.server.socketUrl);
    const part = frameBytes({ opcode: continuation, isFinal: false });
    raw.send(frameBytes({ opcode: text, isFinal: false }));
    raw.send(Buffer.concat(Array.from({ length: 100_000 }, () => part)));
    expect(await raw.closed).toBe(1008);
  });

  it('that never ends is refused with 1009 when its parts are too long together', async () => {
    const raw = await openRawSocket(serving.server.socketUrl);
    const payload = Buffer.alloc(20_000, 'x');
    raw.send(frameBytes({ opcode: text, isFinal: false, payload }));
    for (let count = 0; count < 3; count += 1)
      raw.send(frameBytes({ opcode: continuation, isFinal: false, payload }));
    expect(await raw.closed).toBe(1009);
  });

  it('is waited for in at most 1,024 pieces', () => {
    expect(socketLimits.maxBufferedChunks).toBe(1_024);
  });

  it('that is no text, no UTF-8, or not of the protocol closes its socket alone', async () => {
    const other = await openAcknowledged(serving.server.socketUrl, 'bob');
    const sent: [Buffer, number][] = [
      [frameBytes({ opcode: 2, payload: Buffer.from('{"type":"ping"}') }), 4400],
      [frameBytes({ opcode: text, payload: Buffer.from([0xff, 0xfe]) }), 1007],
      [frameBytes({ opcode: text, payload: Buffer.from('no JSON') }), 4400],
      [frameBytes({ opcode: text, payload: Buffer.from('{"type":"next","id":"a","payload":{}}') }), 4400],
      [frameBytes({ opcode: 5, payload: Buffer.alloc(3) }), 1002],
      [randomBytes(64).fill(0xff, 0, 1), 1002],
    ];
    for (const [frame, code] of sent) {
      const raw = await openRawSocket(serving.server.socketUrl);
      raw.send(frame);
      expect(await raw.closed).toBe(code);
    }
    other.send(subscribeFrame('a', '{ hello }'));
    expect(await other.next()).toMatchObject({ type: 'next' });
  });
});

describe('T8: compression', () => {
  it('is not agreed on, and a compressed frame is refused', async () => {
    const raw = await openRawSocket(serving.server.socketUrl, {
      'Sec-WebSocket-Extensions': 'permessage-deflate',
    });
    expect(raw.head).toContain('101 Switching Protocols');
    expect(raw.head.toLowerCase()).not.toContain('sec-websocket-extensions');
    const bomb = deflateRawSync(Buffer.alloc(50_000_000));
    raw.send(frameBytes({ opcode: text, hasRsv1: true, payload: bomb.subarray(0, 40_000) }));
    expect(await raw.closed).toBe(1002);
  });
});
