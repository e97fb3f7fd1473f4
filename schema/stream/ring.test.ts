import { expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../ids.ts';
import { upTo } from '../ports/random.contract.ts';
import type { LogDelivery } from './delivery.ts';
import { createRing, ringBounds } from './ring.ts';

const channelId = channelIdOf(1n);
const authorId = userIdOf(1n);

function delivery(seq: number, text: string): LogDelivery {
  const common = { channelId, seq, number: seq, authorId, nonce: `n${seq}`, createdAt: 0 };
  const message = { ...common, text, revision: seq, replyTo: null, editedAt: null, deletedAt: null };
  const event = { ...common, kind: 'message.sent', body: '', refSeq: null, message } as const;
  return { type: 'log', channelId, event, eventId: `${seq}`, cursor: '', at: 0, isShared: true };
}

it('keeps the newest events only', () => {
  const ring = createRing();
  for (const seq of upTo(1_000)) ring.push(delivery(seq, 'short'));
  const oldest = 1_000 - ringBounds.events + 1;
  expect(ring.next(oldest - 2)).toBeUndefined();
  expect(ring.next(oldest - 1)?.event.seq).toBe(oldest);
  expect(ring.next(999)?.event.seq).toBe(1_000);
  expect(ring.next(1_000)).toBeUndefined();
});

it('keeps no more bytes than it may, and always the newest', () => {
  const ring = createRing();
  const text = 'x'.repeat(ringBounds.bytes / 8);
  for (const seq of upTo(10)) ring.push(delivery(seq, text));
  expect(ring.next(6)).toBeUndefined();
  expect(ring.next(7)?.event.seq).toBe(8);
  ring.push(delivery(11, text.repeat(10)));
  expect([ring.next(9), ring.next(10)?.event.seq]).toEqual([undefined, 11]);
});

it('counts what a text weighs that was changed', () => {
  const ring = createRing();
  for (const seq of upTo(100)) ring.push(delivery(seq, ''));
  ring.renew(({ event: { seq } }) =>
    seq > 90 ? delivery(seq, 'x'.repeat(ringBounds.bytes / 16)) : undefined,
  );
  expect(ring.next(90)).toBeUndefined();
  expect(ring.next(99)?.event.seq).toBe(100);
  ring.renew(({ event: { seq } }) => delivery(seq, ''));
  for (const seq of upTo(200)) ring.push(delivery(100 + seq, ''));
  expect(ring.next(100)?.event.seq).toBe(101);
});
