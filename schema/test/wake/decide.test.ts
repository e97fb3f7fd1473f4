import { describe, expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../../ids.ts';
import type { NotificationVerdict } from '../../notification/notification.policy.ts';
import type { PushAnswer } from '../../ports/push.ts';
import { upTo } from '../../ports/random.contract.ts';
import type { StoredMessage } from '../../stream/event.ts';
import { askAgainAt, type Decided, outcomeOf, type Step, settledUpTo, stepOf } from '../../wake/decide.ts';
import type { Told } from '../../wake/wake-rows.ts';

const nothing: Told = { settledNumber: 0, pushedSeq: 0, pushedNumber: 0, clearedNumber: 0 };
const shows = (number: number, more: Partial<Told> = {}): Told => ({
  ...{ settledNumber: number, pushedSeq: number, pushedNumber: number, clearedNumber: 0 },
  ...more,
});
const message = (number: number): StoredMessage => ({
  ...{ channelId: channelIdOf(1n), seq: number, number, authorId: userIdOf(2n), nonce: `n${number}` },
  ...{ text: 'Hello', revision: number, replyTo: null, createdAt: 0, editedAt: null, deletedAt: null },
});
const messages = (...numbers: number[]) => numbers.map(message);
const verdict = (outcome: NotificationVerdict['outcome'], at?: number): NotificationVerdict => ({
  outcome,
  trace: [{ rule: 'ENDPOINT', result: 'PASSES', because: 'REACHABLE' }],
  ...(at !== undefined && { askAgainAt: at }),
});
/** S: sent, N: nobody is told, a number: waits until then. */
const decided = (...verdicts: ('S' | 'N' | number)[]): Decided[] =>
  verdicts.map((one, nth) => ({
    message: message(nth + 1),
    verdict: typeof one === 'number' ? verdict('WAIT', one) : verdict(one === 'S' ? 'SEND' : 'SUPPRESS'),
  }));
const all = () => true;
const notWaiting = (outcome: NotificationVerdict['outcome']) => outcome !== 'WAIT';

describe('what is over and done with', () => {
  it.for([
    [decided(), 7],
    [decided('N', 'N'), 7],
    [[], 7],
  ] as const)('never goes back', ([some, from]) => {
    expect(settledUpTo(some, from, all)).toBe(from);
  });

  it('ends at the first that waits, whatever lies behind', () => {
    expect(settledUpTo(decided('N', 'S', 50, 'S'), 0, notWaiting)).toBe(2);
    expect(settledUpTo(decided(50, 'S'), 0, notWaiting)).toBe(0);
    expect(askAgainAt(decided('N', 50, 20, 'S'))).toBe(20);
    expect(askAgainAt(decided('N'))).toBeUndefined();
  });
});

describe('what a device is to be told', () => {
  it.for<[string, Told, { due: number[]; standing: number[] }, Step | undefined]>([
    ['nothing, where nothing is due or shown', nothing, { due: [], standing: [] }, undefined],
    ['all that is due', nothing, { due: [3, 4], standing: [] }, told(4, 2)],
    ['what is due, with what it shows', shows(2), { due: [3], standing: [1, 2] }, told(3, 3)],
    ['an earlier one, with the newest that it shows', shows(4), { due: [3], standing: [4] }, told(4, 2)],
    ['nothing, while what it shows stands', shows(4), { due: [], standing: [4] }, undefined],
    ['what is left of what it shows', shows(4), { due: [], standing: [2, 3] }, told(3, 2, true)],
    ['that nothing of it is left', shows(4), { due: [], standing: [] }, { kind: 'clear', number: 4 }],
    [
      'nothing more, when that was told',
      shows(4, { clearedNumber: 4 }),
      { due: [], standing: [] },
      undefined,
    ],
  ])('%s', ([, before, { due, standing }, step]) => {
    expect(stepOf(before, { due: messages(...due), standing: messages(...standing) })).toEqual(step);
  });
});
function told(number: number, count: number, isQuiet = false): Step {
  return { kind: 'message', newest: message(number), count, isQuiet };
}

describe('what is so afterwards', () => {
  const answer = (outcome: PushAnswer['outcome'], retryAfterMs?: number): PushAnswer => ({
    ...{ outcome, status: null, reason: null },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
  const at = 1_000_000;
  const before = { told: shows(1), decided: decided('N', 'N', 'S', 'S'), tries: 0 };
  const lookedAt = (
    given: PushAnswer,
    { step = told(4, 2), tries = 0 }: { step?: Step; tries?: number } = {},
  ) => outcomeOf({ ...before, tries }, step, { answer: given, at });

  it('is that it shows what the service has taken', () => {
    expect(lookedAt(answer('accepted'))).toMatchObject({
      ...{
        settledNumber: 4,
        pushedSeq: 4,
        pushedNumber: 4,
        pushedAt: at,
        lookAt: undefined,
        hold: undefined,
      },
      ofDue: { outcome: 'SENT' },
    });
    expect(lookedAt(answer('accepted'), { tries: 3 }).hold).toEqual({ until: undefined, tries: 0 });
    expect(lookedAt(answer('accepted'), { step: { kind: 'clear', number: 1 } })).toMatchObject({
      ...{ pushedNumber: 1, clearedNumber: 1 },
    });
  });

  it('is as before, to be tried again, when the service was busy', () => {
    expect(lookedAt(answer('later'))).toMatchObject({
      ...{ settledNumber: 2, pushedNumber: 1, lookAt: at + 5_000, hold: { until: at + 5_000, tries: 1 } },
      ofDue: { outcome: 'POSTPONED' },
    });
    expect(lookedAt(answer('later', 90_000)).lookAt).toBe(at + 90_000);
    expect(lookedAt(answer('later', Number.MAX_SAFE_INTEGER)).lookAt).toBe(at + 24 * 3_600_000);
    const pauses = upTo(9).map((tries) => (lookedAt(answer('later'), { tries: tries - 1 }).lookAt ?? 0) - at);
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600].map((seconds) => seconds * 1_000));
  });

  it('is over, without being shown, when it never can be', () => {
    for (const outcome of ['gone', 'refused'] as const)
      expect(lookedAt(answer(outcome))).toMatchObject({
        ...{ settledNumber: 4, pushedNumber: 1, lookAt: undefined },
        ofDue: { outcome: 'FAILED' },
      });
  });

  it('is given up, when it is something to be taken away that cannot be', () => {
    const step: Step = { kind: 'clear', number: 1 };
    expect(lookedAt(answer('refused'), { step })).toMatchObject({ clearedNumber: 1 });
    expect(lookedAt(answer('later'), { step })).toMatchObject({ clearedNumber: 0, lookAt: at + 5_000 });
    expect(lookedAt(answer('later'), { step, tries: 144 })).toMatchObject({
      clearedNumber: 1,
      lookAt: undefined,
    });
  });
});
