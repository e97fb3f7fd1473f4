import { describe, expect, it } from 'vitest';
import { channelIdOf, type UserId, userIdOf } from '../ids.ts';
import { defaultLimits } from '../limits.ts';
import { newGroup } from '../ports/memberships.memory.ts';
import type { Roster } from '../ports/memberships.ts';
import type { Role } from '../stream/event.ts';
import { addToRoster } from './add-members.ts';
import { leaveRoster } from './leave-channel.ts';
import { removeFromRoster } from './remove-member.ts';
import { setRoleInRoster } from './set-member-role.ts';

const [ada, bob, eve, ghost] = [1n, 2n, 3n, 4n].map(userIdOf) as [UserId, UserId, UserId, UserId];
const limits = { ...defaultLimits, membersPerGroup: 3, channelsPerUser: 10 };

type Members = Partial<Record<UserId, Role>>;
type More = {
  readonly kind?: 'DIRECT' | 'GROUP';
  readonly hasEnded?: boolean;
  readonly full?: UserId;
  /** Who has blocked Ada, or is blocked by her. */
  readonly blocked?: UserId;
};

/** Who exists: Ada, Bob and Eve. */
function rosterOf(members: Members, { kind = 'GROUP', hasEnded = false, full, blocked }: More = {}): Roster {
  const present = [ada, bob, eve, ghost].flatMap((userId) => {
    const role = members[userId];
    return role === undefined ? [] : [{ userId, role }];
  });
  const candidates = [ada, bob, eve].map(
    (userId) => [userId, { channelCount: userId === full ? 10 : 1, isBlocked: userId === blocked }] as const,
  );
  return {
    channel: { ...newGroup, id: channelIdOf(1n), kind, hasEnded },
    members: present,
    candidates: new Map(candidates),
  };
}

describe('adding to a group for three', () => {
  const add = (members: Members, userIds: readonly UserId[], more?: More) => {
    const { changes, result } = addToRoster(rosterOf(members, more), { by: ada, userIds }, limits);
    if ('allowed' in result) return { changes, code: result.code };
    expect(changes).toEqual(result.added.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })));
    return result;
  };
  const owned: Members = { [ada]: 'OWNER' };

  it.for([
    ['one', add(owned, [bob]), { added: [bob], notAdded: [] }],
    ['two', add(owned, [bob, eve]), { added: [bob, eve], notAdded: [] }],
    ['nobody', add(owned, []), { added: [], notAdded: [] }],
    [
      'who is in it already',
      add({ [ada]: 'MEMBER', [bob]: 'OWNER' }, [bob, eve]),
      { added: [eve], notAdded: [{ userId: bob, code: 'ALREADY_A_MEMBER' }] },
    ],
    [
      'who does not exist',
      add(owned, [ghost, eve]),
      { added: [eve], notAdded: [{ userId: ghost, code: 'NOT_FOUND' }] },
    ],
    [
      'who is in too many channels',
      add(owned, [bob, eve], { full: bob }),
      { added: [eve], notAdded: [{ userId: bob, code: 'TOO_MANY_CHANNELS' }] },
    ],
    [
      'who is blocked either way',
      add(owned, [bob, eve], { blocked: bob }),
      { added: [eve], notAdded: [{ userId: bob, code: 'NOT_ACCEPTING' }] },
    ],
    [
      'who is in it already, blocked or not',
      add({ [ada]: 'MEMBER', [bob]: 'OWNER' }, [bob], { blocked: bob }),
      { added: [], notAdded: [{ userId: bob, code: 'ALREADY_A_MEMBER' }] },
    ],
    [
      'who is blocked, and in too many channels: of that nothing',
      add(owned, [bob], { blocked: bob, full: bob }),
      { added: [], notAdded: [{ userId: bob, code: 'NOT_ACCEPTING' }] },
    ],
    [
      'the third, and one who cannot be added',
      add({ ...owned, [bob]: 'MEMBER' }, [eve, ghost]),
      { added: [eve], notAdded: [{ userId: ghost, code: 'NOT_FOUND' }] },
    ],
    [
      'one too many, so nobody',
      add({ ...owned, [ghost]: 'MEMBER' }, [bob, eve]),
      { changes: [], code: 'CHANNEL_FULL' },
    ],
    ['by who is not in it', add({ [bob]: 'OWNER' }, [eve]), { changes: [], code: 'NOT_FOUND' }],
    [
      'to a direct channel',
      add({ [ada]: 'MEMBER', [bob]: 'MEMBER' }, [eve], { kind: 'DIRECT' }),
      { changes: [], code: 'NOT_A_GROUP' },
    ],
    ['to one that has ended', add(owned, [eve], { hasEnded: true }), { changes: [], code: 'CHANNEL_ENDED' }],
  ] as const)('%s', ([, answer, expected]) => {
    expect(answer).toEqual(expected);
  });
});

describe('removing from a group', () => {
  const remove = (members: Members, userId: UserId) => {
    const { changes, endsChannel, result } = removeFromRoster(rosterOf(members), ada, userId);
    expect(endsChannel).toBeUndefined();
    return { gone: changes, answer: result.allowed ? 'yes' : result.code };
  };
  const bobGoes = [{ kind: 'REMOVED', userId: bob, state: 'REMOVED' }];

  it.for([
    ['an owner a member', remove({ [ada]: 'OWNER', [bob]: 'MEMBER' }, bob), bobGoes, 'yes'],
    ['an admin an owner', remove({ [ada]: 'ADMIN', [bob]: 'OWNER' }, bob), [], 'ROLE_TOO_LOW'],
    ['who is not in it', remove({ [ada]: 'OWNER' }, bob), [], 'NOT_A_MEMBER'],
    ['oneself', remove({ [ada]: 'OWNER', [bob]: 'MEMBER' }, ada), [], 'ROLE_TOO_LOW'],
    ['a stranger somebody', remove({ [bob]: 'OWNER' }, bob), [], 'NOT_FOUND'],
    ['a stranger themselves', remove({ [bob]: 'OWNER' }, ada), [], 'NOT_FOUND'],
  ] as const)('%s', ([, { gone, answer }, changes, expected]) => {
    expect({ gone, answer }).toEqual({ gone: changes, answer: expected });
  });
});

describe('leaving a group', () => {
  const leave = (members: Members, more?: More) => {
    const { changes, endsChannel, result } = leaveRoster(rosterOf(members, more), ada);
    return { changes, endsChannel, answer: result.allowed ? 'yes' : result.code };
  };
  const changes = [{ kind: 'REMOVED', userId: ada, state: 'LEFT' }];
  const stays = { changes: [], endsChannel: false };

  it.for([
    ['a member', { [ada]: 'MEMBER', [bob]: 'OWNER' }, { changes, endsChannel: false, answer: 'yes' }],
    ['one of two owners', { [ada]: 'OWNER', [bob]: 'OWNER' }, { changes, endsChannel: false, answer: 'yes' }],
    ['the last owner', { [ada]: 'OWNER', [bob]: 'ADMIN' }, { ...stays, answer: 'LAST_OWNER' }],
    ['the last of all', { [ada]: 'OWNER' }, { changes, endsChannel: true, answer: 'yes' }],
    ['who is not in it', { [bob]: 'OWNER' }, { ...stays, answer: 'NOT_FOUND' }],
    ['of a channel that is empty', {}, { ...stays, answer: 'NOT_FOUND' }],
  ] as const)('%s', ([, members, expected]) => {
    expect(leave(members)).toEqual(expected);
  });

  it('is no way out of a direct channel', () => {
    const answer = leave({ [ada]: 'MEMBER', [bob]: 'MEMBER' }, { kind: 'DIRECT' });
    expect(answer).toEqual({ ...stays, answer: 'NOT_A_GROUP' });
  });
});

describe('giving a role in a group', () => {
  const give = (members: Members, userId: UserId, role: Role) => {
    const { changes, result } = setRoleInRoster(rosterOf(members), ada, { userId, role });
    return { changes, answer: result.allowed ? 'yes' : result.code };
  };
  const gets = (userId: UserId, role: Role) => ({
    changes: [{ kind: 'ROLE_CHANGED', userId, role }],
    answer: 'yes',
  });
  const nothing = (answer: string) => ({ changes: [], answer });

  it.for([
    ['another', give({ [ada]: 'OWNER', [bob]: 'MEMBER' }, bob, 'ADMIN'), gets(bob, 'ADMIN')],
    ['that of an owner', give({ [ada]: 'OWNER', [bob]: 'ADMIN' }, bob, 'OWNER'), gets(bob, 'OWNER')],
    ['that they have', give({ [ada]: 'OWNER', [bob]: 'ADMIN' }, bob, 'ADMIN'), nothing('yes')],
    ['a lower one to an owner', give({ [ada]: 'OWNER', [bob]: 'OWNER' }, bob, 'MEMBER'), gets(bob, 'MEMBER')],
    ['a lower one to oneself', give({ [ada]: 'OWNER', [bob]: 'OWNER' }, ada, 'ADMIN'), gets(ada, 'ADMIN')],
    ['a lower one to the last owner', give({ [ada]: 'OWNER' }, ada, 'MEMBER'), nothing('LAST_OWNER')],
    ['to who is not in it', give({ [ada]: 'OWNER' }, bob, 'ADMIN'), nothing('NOT_A_MEMBER')],
    ['as an admin', give({ [ada]: 'ADMIN', [bob]: 'OWNER' }, eve, 'ADMIN'), nothing('ROLE_TOO_LOW')],
    ['as a stranger', give({ [bob]: 'OWNER' }, bob, 'ADMIN'), nothing('NOT_FOUND')],
  ] as const)('%s', ([, answer, expected]) => {
    expect(answer).toEqual(expected);
  });
});
