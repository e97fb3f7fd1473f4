import { describe, expect, it } from 'vitest';
import {
  canSeeLastSeen,
  canSeePresence,
  dependsOnChannels,
  isHidden,
  isIdleIn,
  type Look,
  stateOf,
  stepBy,
  wasSeen,
} from './presence.policy.ts';

const [active, idle] = [{ value: { isIdle: false } }, { value: { isIdle: true } }];

describe('all devices of a person together', () => {
  it.for([
    [[], 'OFFLINE'],
    [[idle], 'IDLE'],
    [[active], 'ONLINE'],
    [[idle, idle], 'IDLE'],
    [[idle, active, idle], 'ONLINE'],
  ] as const)('%j are %s', ([claims, state]) => expect(stateOf(claims)).toBe(state));

  it.for([
    [{ isIdle: true }, true],
    [{ isIdle: false }, false],
    // Of another release: whoever says something else is there.
    [{ isIdle: 'yes' }, false],
    [{ isAway: true }, false],
    [null, false],
    ['idle', false],
    [[true], false],
  ] as const)('one that claims %j is idle: %s', ([value, is]) => expect(isIdleIn({ value })).toBe(is));
});

/** What a device has claimed, and where it is connected: here if nothing else is said. */
const claim = (name: string) => {
  const [entry = '', how, holder = 'here'] = name.split(' ');
  return { entry, holder, value: { isIdle: how === 'idle' } };
};

describe('what one claim makes of somebody', () => {
  it.for([
    ['the first device', [], 'mine active', 'OFFLINE → ONLINE'],
    ['the first, looked at by nobody', [], 'mine idle', 'OFFLINE → IDLE'],
    ['one more', ['other active'], 'mine active', undefined],
    ['one more that is active', ['other idle'], 'mine active', 'IDLE → ONLINE'],
    ['the same again', ['mine idle'], 'mine idle', undefined],
    ['one that goes idle', ['mine active'], 'mine idle', 'ONLINE → IDLE'],
    ['one of two that goes idle', ['mine active', 'other active'], 'mine idle', undefined],
    ['the last of two that goes idle', ['mine active', 'other idle'], 'mine idle', 'ONLINE → IDLE'],
    ['one that is elsewhere, too', ['mine active there'], 'mine idle', undefined],
    ['one that was elsewhere, and nobody looked', ['mine idle there'], 'mine active', 'IDLE → ONLINE'],
  ] as const)('%s: %j, then %j', ([, before, made, expected]) => {
    const step = stepBy(before.map(claim), claim(made));
    expect(step && `${step.before} → ${step.after}`).toBe(expected);
  });

  it.for([
    ['OFFLINE', 'ONLINE', true],
    ['IDLE', 'ONLINE', true],
    ['ONLINE', 'IDLE', true],
    ['ONLINE', 'OFFLINE', true],
    ['OFFLINE', 'IDLE', false],
    ['IDLE', 'OFFLINE', false],
  ] as const)('from %s to %s they were seen: %s', ([before, after, was]) =>
    expect(wasSeen({ before, after })).toBe(was),
  );
});

/** Who looks, in words: `contact blocksViewer`. */
const lookOf = (words: string): Look => ({
  isSelf: words.includes('self'),
  isContact: words.includes('contact'),
  isCoMember: words.includes('co-member'),
  isBlockedByViewer: words.includes('blocked'),
  blocksViewer: words.includes('blocking'),
});
const [visible, invisible] = [{ isInvisible: false }, { isInvisible: true }];

describe('who sees whether somebody is there', () => {
  it.for([
    // who looks, whether they see anything, whether what they see is the truth, and when somebody is invisible
    ['self', true, true, true],
    ['contact', true, true, false],
    ['co-member', true, true, false],
    ['contact co-member', true, true, false],
    ['stranger', false, true, false],
    ['contact whom the viewer has blocked', false, true, false],
    ['co-member whom the viewer has blocked', false, true, false],
    ['co-member who is blocking the viewer', true, false, false],
    ['co-member, blocked and blocking', false, false, false],
    ['stranger who is blocking the viewer', false, false, false],
  ] as const)('%s: %s, truly %s, of somebody invisible %s', ([who, sees, truly, despite]) => {
    const look = lookOf(who);
    const audience = { lastSeenVisibleTo: 'CO_MEMBERS' } as const;
    expect(canSeePresence(look)).toBe(sees);
    expect(isHidden({ ...visible, ...audience }, look)).toBe(!truly);
    expect(isHidden({ ...invisible, ...audience }, look)).toBe(!despite);
  });

  it('depends on common channels only where nothing else decides', () => {
    for (const who of ['self', 'contact', 'blocked', 'contact blocked'])
      expect(dependsOnChannels(lookOf(who))).toBe(false);
    for (const who of ['stranger', 'blocking']) expect(dependsOnChannels(lookOf(who))).toBe(true);
    for (const bits of Array.from({ length: 16 }, (_, n) => n)) {
      const has = (bit: number) => (bits & bit) > 0;
      const one = { isSelf: has(1), isContact: has(2), isBlockedByViewer: has(4), blocksViewer: has(8) };
      const [near, far] = [true, false].map((isCoMember) => canSeePresence({ ...one, isCoMember }));
      expect(near !== far).toBe(dependsOnChannels(one));
    }
  });
});

describe('who sees when somebody was there last', () => {
  it.for([
    ['self', ['NOBODY', 'CONTACTS', 'CO_MEMBERS']],
    ['contact', ['CONTACTS', 'CO_MEMBERS']],
    ['contact co-member', ['CONTACTS', 'CO_MEMBERS']],
    ['co-member', ['CO_MEMBERS']],
    ['contact, blocking the viewer', []],
    ['co-member, blocking the viewer', []],
  ] as const)('%s: of those who share it with %j', ([who, audiences]) => {
    for (const lastSeenVisibleTo of ['NOBODY', 'CONTACTS', 'CO_MEMBERS'] as const)
      expect(canSeeLastSeen({ ...visible, lastSeenVisibleTo }, lookOf(who))).toBe(
        audiences.some((audience) => audience === lastSeenVisibleTo),
      );
  });
});
