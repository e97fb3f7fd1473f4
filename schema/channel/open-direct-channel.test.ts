import { describe, expect, it } from 'vitest';
import { channelIdOf, type UserId, userIdOf } from '../ids.ts';
import { newGroup } from '../ports/memberships.memory.ts';
import type { Roster } from '../ports/memberships.ts';
import { openForPair } from './open-direct-channel.ts';

const [ada, bob] = [userIdOf(1n), userIdOf(2n)];
const added = (userId: UserId) => ({ kind: 'ADDED', userId, role: 'MEMBER' });

type Facts = { readonly ada?: number; readonly bob?: number; readonly isBlocked?: boolean };

/** Ada opens a channel with Bob, who may be in ten. */
function open(members: readonly UserId[], { isBlocked = false, ...counts }: Facts = {}) {
  const roster: Roster = {
    channel: { ...newGroup, id: channelIdOf(1n), kind: 'DIRECT', pair: [ada, bob] },
    members: members.map((userId) => ({ userId, role: 'MEMBER' })),
    candidates: new Map([
      [ada, { channelCount: counts.ada ?? 0, isBlocked: false }],
      [bob, { channelCount: counts.bob ?? 0, isBlocked }],
    ]),
  };
  const { changes, result } = openForPair(roster, [ada, bob], 10);
  return { changes, answer: result.allowed ? 'yes' : result.code };
}

const notAccepting = { changes: [], answer: 'NOT_ACCEPTING' };

describe('opening a channel of two', () => {
  it.for([
    ['adds both', open([]), { changes: [added(ada), added(bob)], answer: 'yes' }],
    ['adds nobody who is there', open([ada, bob]), { changes: [], answer: 'yes' }],
    ['adds who is missing', open([ada]), { changes: [added(bob)], answer: 'yes' }],
    [
      'adds who is in all but one',
      open([], { ada: 9, bob: 9 }),
      { changes: [added(ada), added(bob)], answer: 'yes' },
    ],
    [
      'adds neither when one is in too many',
      open([], { ada: 10 }),
      { changes: [], answer: 'TOO_MANY_CHANNELS' },
    ],
    ['adds neither when the other is', open([], { bob: 10 }), { changes: [], answer: 'TOO_MANY_CHANNELS' }],
    ['adds neither when one has blocked the other', open([], { isBlocked: true }), notAccepting],
    [
      'says no more about who blocks to who is in too many',
      open([], { isBlocked: true, ada: 10, bob: 10 }),
      notAccepting,
    ],
    ['refuses what is open, too', open([ada, bob], { isBlocked: true }), notAccepting],
    ['asks nothing of who is there', open([ada, bob], { ada: 10, bob: 11 }), { changes: [], answer: 'yes' }],
  ] as const)('%s', ([, answer, expected]) => {
    expect(answer).toEqual(expected);
  });
});
