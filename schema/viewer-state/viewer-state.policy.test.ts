import { describe, expect, it } from 'vitest';
import { checkUntil, stateAt } from './viewer-state.policy.ts';

const now = Date.UTC(2030, 0, 1);
const open = {
  ...{ isMuted: false, mutedUntil: null },
  ...{ isArchived: false, isMarkedUnread: false, notificationLevel: null },
};

describe('a muting', () => {
  it.for([
    [undefined, undefined],
    [null, undefined],
    [now + 1, undefined],
    [now, 'MALFORMED'],
    [now - 1, 'MALFORMED'],
  ] as const)('that ends at %s: %s', ([at, code]) => {
    const until = typeof at === 'number' ? new Date(at) : at;
    expect(checkUntil(until, now)?.code).toBe(code);
    if (code) expect(checkUntil(until, now)?.field).toEqual(['until']);
  });

  it.for([
    ['that is none', open, open],
    ['for good', { ...open, isMuted: true }, { ...open, isMuted: true }],
    [
      'that lasts',
      { ...open, isMuted: true, mutedUntil: now + 1 },
      { ...open, isMuted: true, mutedUntil: now + 1 },
    ],
    ['that ends now', { ...open, isMuted: true, mutedUntil: now }, open],
    ['that is over', { ...open, isMuted: true, mutedUntil: now - 1 }, open],
    ['that was ended before its time', { ...open, mutedUntil: now + 1 }, open],
    [
      'that is over, of what is archived',
      { ...open, isMuted: true, mutedUntil: now, isArchived: true },
      { ...open, isArchived: true },
    ],
  ] as const)('%s', ([, own, state]) => {
    expect(stateAt(own, now)).toEqual(state);
  });
});
