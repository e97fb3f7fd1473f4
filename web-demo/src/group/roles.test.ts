import { describe, expect, it } from 'vitest';
import type { Role } from '../gql/graphql.ts';
import { memberItems, questionAbout } from './member-acts.ts';
import {
  inOrder,
  type Looking,
  type MemberShown,
  reasonNotToAdd,
  reasonNotToGive,
  reasonNotToLeave,
  reasonNotToRemove,
} from './roles.ts';

const yes = { __typename: 'Verdict', isAllowed: true, code: null, explanation: null, until: null } as const;
const no = { ...yes, isAllowed: false, code: 'ROLE_TOO_LOW', explanation: 'Your role is too low.' } as const;

const member = (id: string, role: Role, joinedAt = '2026-01-01T00:00:00.000Z'): MemberShown => ({
  __typename: 'Member',
  id: `mbr-${id}`,
  role,
  joinedAt,
  readNumber: null,
  deliveredNumber: null,
  user: { __typename: 'User', id, handle: id, displayName: id, colour: '#336699' },
});

/** As the server answers who has that role in a group. */
const lookingAs = (viewerRole: Role, ownerCount = 1): Looking => ({
  viewerId: 'me',
  viewerRole,
  ownerCount,
  viewerCan: {
    __typename: 'ChannelAbilities',
    id: 'abl1',
    send: yes,
    addMembers: yes,
    leave: yes,
    removeMembers: viewerRole === 'MEMBER' ? no : yes,
    setRoles: viewerRole === 'OWNER' ? yes : no,
    update: viewerRole === 'MEMBER' ? no : yes,
  },
});

describe('what can be done about a member', () => {
  it.for([
    ['OWNER', 'MEMBER', true],
    ['OWNER', 'ADMIN', true],
    ['OWNER', 'OWNER', false],
    ['ADMIN', 'MEMBER', true],
    ['ADMIN', 'ADMIN', false],
    ['ADMIN', 'OWNER', false],
    ['MEMBER', 'MEMBER', false],
  ] as const)('%s removes %s: %s', ([viewer, role, isAllowed]) => {
    const reason = reasonNotToRemove(member('bo', role), lookingAs(viewer));
    expect(reason === undefined).toBe(isAllowed);
  });

  it.for([
    ['OWNER', 'MEMBER', 'OWNER', 1, true],
    ['OWNER', 'OWNER', 'MEMBER', 2, true],
    ['OWNER', 'OWNER', 'MEMBER', 1, false],
    ['ADMIN', 'MEMBER', 'ADMIN', 1, false],
    ['MEMBER', 'MEMBER', 'ADMIN', 1, false],
  ] as const)('%s makes of %s a %s, with %i owners: %s', ([viewer, from, to, ownerCount, isAllowed]) => {
    const reason = reasonNotToGive(to, member('bo', from), lookingAs(viewer, ownerCount));
    expect(reason === undefined).toBe(isAllowed);
  });

  it('is not to write to oneself, nor to remove oneself', () => {
    const acts = memberItems(member('me', 'OWNER'), lookingAs('OWNER'), undefined).map(({ act }) => act);
    expect(acts).toEqual(['ADMIN', 'MEMBER']);
  });

  it('is asked once more where it cannot be undone by oneself', () => {
    const isAsked = (id: string, act: 'message' | 'remove' | Role) =>
      questionAbout(act, { member: member(id, 'OWNER'), isSelf: id === 'me' }) !== undefined;
    expect(isAsked('bo', 'remove')).toBe(true);
    expect(isAsked('bo', 'OWNER')).toBe(true);
    expect(isAsked('me', 'MEMBER')).toBe(true);
    expect(isAsked('bo', 'ADMIN')).toBe(false);
    expect(isAsked('bo', 'message')).toBe(false);
  });
});

describe('the list of members', () => {
  it('has owners first, then admins, then who came first, whatever the events brought last', () => {
    const late = '2026-02-01T00:00:00.000Z';
    const shown = [
      member('d', 'MEMBER', late),
      member('c', 'MEMBER'),
      member('b', 'ADMIN', late),
      member('a', 'OWNER', late),
    ];
    expect(inOrder(shown).map(({ user }) => user.id)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('the way in and the way out', () => {
  const full = { ...no, code: 'CHANNEL_FULL' } as const;
  const last = { ...no, code: 'LAST_OWNER' } as const;

  it.for([
    [99, yes, true],
    [100, yes, false],
    [99, full, true],
    [100, full, false],
    [3, no, false],
  ] as const)(
    'of a group of %i is open or not, whatever the server said before: %s',
    ([memberCount, verdict, isOpen]) => {
      const viewerCan = { ...lookingAs('OWNER').viewerCan, addMembers: verdict };
      expect(reasonNotToAdd({ memberCount, viewerCan, limit: 100 }) === undefined).toBe(isOpen);
    },
  );

  it('goes by what the server says as long as the limit is not known', () => {
    const viewerCan = { ...lookingAs('OWNER').viewerCan, addMembers: full };
    expect(reasonNotToAdd({ memberCount: 3, viewerCan, limit: undefined })).toBe('Your role is too low.');
  });

  it.for([
    ['OWNER', 1, yes, false],
    ['OWNER', 2, last, true],
    ['OWNER', 0, last, false],
    ['OWNER', 0, yes, true],
    ['MEMBER', 1, yes, true],
    ['MEMBER', 1, no, false],
  ] as const)('a %s leaves a group that has %i owners: %s', ([role, ownerCount, verdict, canLeave]) => {
    const members = Array.from({ length: ownerCount }, (_, at) => member(`o${at}`, 'OWNER'));
    const viewerCan = { ...lookingAs(role).viewerCan, leave: verdict };
    const reason = reasonNotToLeave(
      { viewerCan, memberCount: 3, viewerState: { member: { role } } },
      members,
    );
    expect(reason === undefined).toBe(canLeave);
  });

  it('is open for whoever is alone', () => {
    const { viewerCan } = lookingAs('OWNER');
    const alone = { viewerCan, memberCount: 1, viewerState: { member: { role: 'OWNER' } } } as const;
    expect(reasonNotToLeave(alone, [member('me', 'OWNER')])).toBeUndefined();
  });
});
