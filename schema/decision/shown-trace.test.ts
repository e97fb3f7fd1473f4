import { describe, expect, it } from 'vitest';
import { notificationReasons, notificationRules } from '../notification/notification.policy.ts';
import { keptTraceOf, traceNow } from './shown-trace.ts';

const passed = ['SENDER', 'PASSES', 'BY_SOMEBODY_ELSE'];

describe('a trace that was kept', () => {
  it('is shown step by step, in the words of the rules', () => {
    const { steps, decidedBy } = keptTraceOf([passed, ['BLOCKED', 'STOPS', 'BLOCKED']], 'SUPPRESSED');
    expect(decidedBy).toBe('BLOCKED');
    expect(steps).toEqual([
      {
        rule: 'SENDER',
        result: 'PASSES',
        because: 'BY_SOMEBODY_ELSE',
        explanation: notificationReasons.BY_SOMEBODY_ELSE,
      },
      { rule: 'BLOCKED', result: 'STOPS', because: 'BLOCKED', explanation: notificationReasons.BLOCKED },
    ]);
  });

  it('has every rule and every reason that there is', () => {
    const reasons = Object.keys(notificationReasons);
    for (const because of reasons)
      expect(keptTraceOf([['SENDER', 'PASSES', because]], 'SENT').steps[0]).toMatchObject({ because });
    for (const rule of notificationRules)
      expect(keptTraceOf([[rule, 'PASSES', 'AWAY']], 'SENT')).toMatchObject({ decidedBy: rule });
  });

  it('is shown as the same rules would be shown that were asked just now', () => {
    const now = traceNow([
      { rule: 'SENDER', result: 'PASSES', because: 'BY_SOMEBODY_ELSE' },
      { rule: 'ACTIVE', result: 'WAITS', because: 'ACTIVE' },
    ]);
    expect(keptTraceOf([passed, ['ACTIVE', 'WAITS', 'ACTIVE']], 'POSTPONED')).toEqual(now);
  });
});

describe('a trace that a server of another release kept', () => {
  const last = (entry: unknown, outcome: Parameters<typeof keptTraceOf>[1] = 'SUPPRESSED') => {
    const { steps, decidedBy } = keptTraceOf([passed, entry], outcome);
    expect(steps).toHaveLength(2);
    return { ...steps.at(-1), decidedBy };
  };

  it('names a rule that this one does not have', () => {
    expect(last(['WEATHER', 'STOPS', 'RAIN'])).toEqual({
      rule: 'OTHER',
      decidedBy: 'OTHER',
      result: 'STOPS',
      because: 'OTHER',
      explanation:
        'A server of another release asked its rule WEATHER, which this one does not have. It found RAIN.',
    });
  });

  it('names a reason that this one does not know', () => {
    expect(last(['MUTED', 'STOPS', 'MUTED_BY_SCHEDULE'])).toMatchObject({
      rule: 'MUTED',
      because: 'OTHER',
      explanation:
        'A server of another release asked its rule MUTED, which this one has otherwise. It found MUTED_BY_SCHEDULE.',
    });
  });

  it('keeps the words of a reason that another rule gives now', () => {
    expect(last(['SILENCE', 'STOPS', 'MUTED'])).toMatchObject({
      rule: 'OTHER',
      because: 'MUTED',
      explanation: expect.stringContaining(notificationReasons.MUTED),
    });
  });

  it.for([
    ['SUPPRESSED', 'STOPS'],
    ['POSTPONED', 'WAITS'],
    ['SENT', 'PASSES'],
    ['FAILED', 'PASSES'],
  ] as const)('says by what became of it (%s) what its last rule made of it: %s', ([outcome, result]) => {
    expect(last(['MUTED', 'SHRUGS', 'MUTED'], outcome)).toMatchObject({ rule: 'MUTED', result });
    expect(keptTraceOf([['A', 'SHRUGS', 'B'], passed], outcome).steps[0]).toMatchObject({ result: 'PASSES' });
  });

  it.for([
    [null],
    [7],
    ['MUTED'],
    [{}],
    [[]],
    [['MUTED', 'STOPS']],
    [['MUTED', 'STOPS', 7]],
    [['MUTED', 'STOPS', 'a text\nof somebody']],
    [['<b>', 'STOPS', 'MUTED']],
    [['MUTED', 'STOPS', 'X'.repeat(65)]],
    [['toString', 'STOPS', 'constructor']],
  ] as const)('says that it cannot be read, and shows nothing of it: %j', ([entry]) => {
    expect(last(entry)).toEqual({
      rule: 'OTHER',
      decidedBy: 'OTHER',
      result: 'STOPS',
      because: 'OTHER',
      explanation: 'This server cannot read why: one of another release decided it.',
    });
  });

  it('that goes on with more than a reason is read up to there', () => {
    expect(last(['MUTED', 'STOPS', 'MUTED', { until: 7 }])).toMatchObject({ because: 'MUTED' });
  });

  it.for([[undefined], [null], [{}], ['MUTED'], [[]], [3]] as const)(
    'never is without a step: %j',
    ([kept]) => {
      expect(keptTraceOf(kept, 'SUPPRESSED')).toMatchObject({
        decidedBy: 'OTHER',
        steps: [{ rule: 'OTHER', result: 'STOPS', because: 'OTHER' }],
      });
    },
  );
});
