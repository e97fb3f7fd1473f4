import { describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { checkWhole } from './read-log-cassandra.ts';

const event = (seq: bigint) => ({
  ...{ channel_id: 1n, seq, number: seq, type: 1, author_id: 7n },
  ...{ event_nonce: `c:${seq}`, body: 'text' },
});
const nonce = (seq: bigint) => ({ channel_id: 1n, nonce: `7:c:${seq}`, ref_seq: seq });

/** Three events in two buckets of a channel. */
const stored = () => ({
  events: upTo(3).map((seq) => event(BigInt(seq))),
  nonces: upTo(3).map((seq) => nonce(BigInt(seq))),
  heads: [
    { channel_id: 1n, head: 2n },
    { channel_id: 1n, head: 3n },
    { channel_id: 2n, head: null },
  ],
});

describe('the log as CQL finds it', () => {
  it('is whole when every place has its event, and every event its nonce', () => {
    expect(() => checkWhole(stored())).not.toThrow();
  });

  it.for([
    ['a place without an event', { events: [event(1n), event(3n)] }, 'not as many events as places'],
    ['a hole', { events: [event(1n), event(3n), event(4n)] }, 'a hole at 2'],
    ['an event beyond the head', { events: upTo(4).map((seq) => event(BigInt(seq))) }, 'not as many'],
    ['an event without its nonce', { nonces: [nonce(1n), nonce(3n)] }, 'nonce of place 1 2 is not kept'],
    ['a nonce of another event', { nonces: [nonce(1n), { ...nonce(2n), nonce: '7:c:1' }, nonce(3n)] }, '1 2'],
    ['a nonce without an event', { nonces: upTo(4).map((seq) => nonce(BigInt(seq))) }, 'without events'],
    ['a channel without events', { heads: [...stored().heads, { channel_id: 3n, head: 1n }] }, 'Channel 3'],
  ] as const)('is not with %s', ([, wrong, problem]) => {
    expect(() => checkWhole({ ...stored(), ...wrong })).toThrow(problem);
  });
});
