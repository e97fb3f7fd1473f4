import { describe, expect, it } from 'vitest';
import type { Delivered, Found, Line } from '../chaos/history.ts';
import { countsOf } from './counts.ts';

const channelId = 'chn1';
/** Somebody is told of the message with this number, which is its text. */
const told = (seq: number, { text = String(seq), attempt = 1 } = {}): Delivered => ({
  ...{ kind: 'delivery', t: 0, device: 'phone', userId: 'usr1', attempt, channelId, seq, cursor: '' },
  event: { type: 'message', messageId: `msg1.${seq}`, number: seq, authorId: 'usr2', text },
});
const sent = (op: number): Line[] => [
  {
    ...{ kind: 'invoke', t: 0, op, attempt: 1, device: 'laptop', userId: 'usr2' },
    what: { type: 'send', channelId, nonce: String(op), text: String(op) },
  },
  { kind: 'ok', t: 0, op, device: 'laptop' },
];
const store = (...messages: readonly [seq: number, text: string][]): Found => ({
  ...{ kind: 'found', t: 0, source: 'store', channelId },
  memberships: [{ seq: 1, userId: 'usr1', change: 'joined' }],
  messages: messages.map(([seq, text]) => ({
    ...{ messageId: `msg1.${seq}`, seq, number: seq, authorId: 'usr2', text, nonce: text },
  })),
});
const threeFound = store([2, '2'], [3, '3'], [4, '4']);
const nothing = { acked: 0, lost: 0, duplicated: 0, reordered: 0, skipped: 0, leaked: 0, idsAgain: 0 };

describe('what is counted of a history', () => {
  it('is nothing where everybody was told everything once and in order, in however many subscriptions', () => {
    const lines = [...sent(2), ...sent(3), ...sent(4), told(2), told(3), told(4, { attempt: 2 }), threeFound];
    expect(countsOf(lines)).toEqual({ ...nothing, acked: 3, delivered: 3 });
  });

  it.each<[string, Line[], object]>([
    ['lost', [...sent(2), ...sent(5), told(2), threeFound], { acked: 2, lost: 1 }],
    ['told twice', [told(2), told(2), threeFound], { duplicated: 1 }],
    ['told again after coming back', [told(2), told(2, { attempt: 2 }), threeFound], {}],
    ['stored twice', [told(2), store([2, '2'], [3, '2'])], { duplicated: 1 }],
    ['told late', [told(3), told(2), threeFound], { reordered: 1 }],
    ['skipped', [told(2), told(4), threeFound], { skipped: 1 }],
    ['still to come', [told(2), threeFound], {}],
    [
      'an id given again',
      [told(2), told(3), store([2, '2'], [2, 'other'], [3, '3'])],
      { skipped: 1, idsAgain: 1 },
    ],
  ])('is %s', (_, lines, counts) => {
    expect(countsOf(lines)).toEqual({ ...nothing, delivered: expect.any(Number), ...counts });
  });

  it('is what somebody is told after they were removed, until they are back', () => {
    const gone = { seq: 3, userId: 'usr1', change: 'gone' } as const;
    const back = { seq: 5, userId: 'usr1', change: 'joined' } as const;
    const found = store([2, '2'], [4, '4'], [6, '6']);
    const memberships = [...(found.memberships ?? []), gone, back];
    expect(countsOf([told(2), told(4), told(6), { ...found, memberships }])).toMatchObject({ leaked: 1 });
  });
});
