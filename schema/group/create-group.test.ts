import { describe, expect, it } from 'vitest';
import { channelIdOf, type UserId, userIdOf } from '../ids.ts';
import { defaultLimits } from '../limits.ts';
import { newGroup } from '../ports/memberships.memory.ts';
import type { Roster } from '../ports/memberships.ts';
import { foundGroup } from './create-group.ts';

const [ada, bob, eve, ghost] = [1n, 2n, 3n, 4n].map(userIdOf) as [UserId, UserId, UserId, UserId];
const limits = { ...defaultLimits, channelsPerUser: 10 };

type Row = {
  readonly members?: readonly UserId[];
  readonly hasEnded?: boolean;
  /** In how many channels each is; who is missing here does not exist. */
  readonly counts?: ReadonlyMap<UserId, number>;
  /** Who has blocked Ada, or is blocked by her. */
  readonly blocked?: UserId;
};
const everybody = new Map([ada, bob, eve].map((id) => [id, 0]));

function found(
  memberIds: readonly UserId[],
  { members = [], hasEnded = false, counts = everybody, blocked }: Row = {},
) {
  const roster: Roster = {
    channel: { ...newGroup, id: channelIdOf(1n), hasEnded },
    members: members.map((userId) => ({ userId, role: userId === ada ? 'OWNER' : 'MEMBER' })),
    candidates: new Map(
      [...counts].map(([id, channelCount]) => [id, { channelCount, isBlocked: id === blocked }]),
    ),
  };
  const { changes, result } = foundGroup(roster, { owner: ada, memberIds }, limits);
  const added = changes.map(({ userId }) => userId);
  return 'allowed' in result ? { added, code: result.code } : { added, ...result };
}

const full = new Map([...everybody, [bob, 10]] as const);
const none = { notAdded: [], deduplicated: false };

describe('founding a group', () => {
  it.for([
    ['with the owner alone', found([]), { added: [ada], ...none }],
    ['with others', found([bob, eve]), { added: [ada, bob, eve], ...none }],
    [
      'leaves out who does not exist',
      found([bob, ghost]),
      { added: [ada, bob], notAdded: [{ userId: ghost, code: 'NOT_FOUND' }], deduplicated: false },
    ],
    [
      'leaves out who is in too many channels',
      found([bob, eve], { counts: full }),
      { added: [ada, eve], notAdded: [{ userId: bob, code: 'TOO_MANY_CHANNELS' }], deduplicated: false },
    ],
    [
      'leaves out who is blocked either way',
      found([bob, eve], { blocked: bob }),
      { added: [ada, eve], notAdded: [{ userId: bob, code: 'NOT_ACCEPTING' }], deduplicated: false },
    ],
    [
      'leaves out who is blocked without a word about their channels',
      found([bob], { counts: full, blocked: bob }),
      { added: [ada], notAdded: [{ userId: bob, code: 'NOT_ACCEPTING' }], deduplicated: false },
    ],
    [
      'is refused to an owner who is in too many channels',
      found([bob], { counts: new Map([...everybody, [ada, 10]]) }),
      { added: [], code: 'TOO_MANY_CHANNELS' },
    ],
    [
      'once more changes nothing',
      found([bob], { members: [ada, bob] }),
      { added: [], notAdded: [], deduplicated: true },
    ],
    [
      'once more by an owner who is in too many channels since',
      found([bob], { members: [ada, bob], counts: new Map([...everybody, [ada, 10]]) }),
      { added: [], notAdded: [], deduplicated: true },
    ],
    [
      'once more says again who was left out',
      found([bob, ghost], { members: [ada, bob] }),
      { added: [], notAdded: [{ userId: ghost, code: 'NOT_FOUND' }], deduplicated: true },
    ],
    [
      'once more adds nobody who has left since',
      found([bob], { members: [ada] }),
      { added: [], notAdded: [], deduplicated: true },
    ],
    [
      'once more says nothing of it to a founder who has left since',
      found([bob, ghost], { members: [bob] }),
      { added: [], code: 'NOT_A_MEMBER' },
    ],
    [
      'once more says nothing of who is in it and blocked since',
      found([bob], { members: [ada, bob], blocked: bob }),
      { added: [], notAdded: [], deduplicated: true },
    ],
    ['that has ended', found([bob], { hasEnded: true }), { added: [], code: 'CHANNEL_ENDED' }],
  ] as const)('%s', ([, answer, expected]) => {
    expect(answer).toEqual(expected);
  });
});
