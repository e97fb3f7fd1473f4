import { describe, expect, it } from 'vitest';
import { channelIdOf, memberIdOf, userIdOf } from '../ids.ts';
import { newGroup } from '../ports/memberships.memory.ts';
import type { Channel, Interval, Membership, Progress } from '../ports/memberships.ts';
import { noCounters } from '../stream/positions/counters.ts';
import { isIn, visibleNumbers } from './message.ts';

const channel: Channel = { ...newGroup, id: channelIdOf(1n) };
const open: Channel = { ...channel, historyVisibility: 'ALL' };

const nowhere: Progress = {
  ...{ counters: noCounters, isShared: true, summary: undefined },
  ...{ version: 0, appliedSeq: 0, appliedNumber: 0 },
};

/** Joined when there were `joined` messages, left when there were `left`; null while the log does not say, undefined: not left. */
type Stay = readonly [joined: number | null, left?: number | null];
function interval([joined, left]: Stay, index: number): Interval {
  return {
    joinedVersion: index * 2 + 1,
    leftVersion: left === undefined ? null : index * 2 + 2,
    joinedSeq: joined === null ? null : joined * 2 + 1,
    joinedNumber: joined,
    leftSeq: typeof left === 'number' ? left * 2 + 2 : null,
    leftNumber: left ?? null,
  };
}
const membership = (state: Membership['state'], stays: readonly Stay[]): Membership => ({
  memberId: memberIdOf(1n),
  channelId: channel.id,
  userId: userIdOf(1n),
  role: 'MEMBER',
  state,
  joinedAt: 0,
  version: 1,
  feedVersion: 1,
  intervals: stays.map(interval),
  own: {
    ...{ isMuted: false, mutedUntil: null },
    ...{ isArchived: false, isMarkedUnread: false, notificationLevel: null },
  },
  progress: nowhere,
  channel,
});
const max = Number.MAX_SAFE_INTEGER;

describe('the messages that somebody may see', () => {
  it.for([
    ['a founder: all', channel, 'ACTIVE', [[0]], [{ after: 0, to: max }]],
    ['who joined later: from then on', channel, 'ACTIVE', [[7]], [{ after: 7, to: max }]],
    ['who joined later, where all is shown: all', open, 'ACTIVE', [[7]], [{ after: 0, to: max }]],
    ['who left: none', channel, 'LEFT', [[7, 9]], []],
    ['who was removed, where all is shown: none', open, 'REMOVED', [[7, 9]], []],
    [
      'who came back: both stays, not what lies between',
      channel,
      'ACTIVE',
      [[2, 5], [9]],
      [
        { after: 2, to: 5 },
        { after: 9, to: max },
      ],
    ],
    ['a stay in which nothing was said', channel, 'ACTIVE', [[5, 5], [9]], [{ after: 9, to: max }]],
    ['whose joining the log does not have yet: none', channel, 'ACTIVE', [[null]], []],
    ['whose coming back the log does not have yet: none', channel, 'ACTIVE', [[2, 5], [null]], []],
    ['the same where all is shown: none', open, 'ACTIVE', [[null]], []],
  ] as const)('%s', ([, where, state, stays, ranges]) => {
    expect(visibleNumbers(where, membership(state, stays))).toEqual(ranges);
  });

  it('are none for who never was a member, and of a channel that does not exist', () => {
    expect(visibleNumbers(open, undefined)).toEqual([]);
    expect(visibleNumbers(undefined, membership('ACTIVE', [[0]]))).toEqual([]);
  });

  it.for([
    [2, false],
    [3, true],
    [5, true],
    [6, false],
    [9, false],
    [10, true],
  ] as const)('number %i of two stays: %j', ([number, expected]) => {
    const ranges = visibleNumbers(channel, membership('ACTIVE', [[2, 5], [9]]));
    expect(isIn(ranges, number)).toBe(expected);
  });
});
