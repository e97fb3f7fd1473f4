import { channelOnly, managers, members, owners, self, signedIn } from './attempt-rules.ts';
import type { Rights } from './roles.ts';
import type { Attempt } from './section.ts';

// Who may do what in a group and in a channel of two. Each line is tried by every role.

const groups: readonly Attempt[] = [
  {
    mutation: 'createGroup',
    input: ({ cast }) => ({ name: 'Ours', memberIds: [cast.guest.userId], nonce: 'a group' }),
    rights: signedIn,
    payload: 'channel notAdded deduplicated',
    except: { notAdded: 'empty' },
  },
  {
    mutation: 'addMembers',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userIds: [cast.newcomer.userId] }),
    rights: members,
    payload: 'channel added notAdded',
    except: { notAdded: 'empty' },
  },
  {
    mutation: 'removeMember',
    of: 'a member',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userId: cast.guest.userId }),
    rights: managers,
    payload: 'channel memberId',
  },
  {
    mutation: 'removeMember',
    of: 'an admin',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userId: cast.deputy.userId }),
    rights: owners,
    payload: 'channel memberId',
  },
  { mutation: 'leaveChannel', input: channelOnly, rights: members, payload: 'channelId viewer' },
  {
    mutation: 'removeMember',
    of: 'another owner',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userId: cast.partner.userId }),
    // Nobody: an owner is made something else first.
    rights: { ...members, members: 'Denied ROLE_TOO_LOW' },
    payload: 'channel memberId',
  },
  {
    mutation: 'updateGroup',
    input: ({ scene: { channelId } }) => ({ channelId, name: 'Renamed', historyVisibility: 'ALL' }),
    rights: managers,
    payload: 'channel',
  },
  {
    mutation: 'setMemberRole',
    of: 'a member becomes an admin',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userId: cast.guest.userId, role: 'ADMIN' }),
    rights: owners,
    payload: 'channel member',
  },
  {
    mutation: 'setMemberRole',
    of: 'oneself becomes an owner',
    input: (place) => ({ channelId: place.scene.channelId, userId: self(place).userId, role: 'OWNER' }),
    rights: owners,
    payload: 'channel member',
  },
  {
    mutation: 'setMemberRole',
    of: 'another owner becomes a member',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userId: cast.partner.userId, role: 'MEMBER' }),
    rights: owners,
    payload: 'channel member',
  },
];

/** What is done for oneself only. */
const places: readonly Attempt[] = ['muteChannel', 'unmuteChannel', 'archiveChannel', 'unarchiveChannel'].map(
  (mutation) => ({ mutation, input: channelOnly, rights: members, payload: 'channel viewer' }),
);

/** In a direct channel nobody is added or removed, nobody leaves, and nobody has a role. */
const noGroup: Rights = {
  ...members,
  ADMIN: 'Denied NOT_FOUND',
  MEMBER: 'Denied NOT_A_GROUP',
  OWNER: 'Denied NOT_A_GROUP',
};
const of = 'in a direct channel of the MEMBER and the OWNER';
const direct: readonly Attempt[] = [
  {
    mutation: 'openDirectChannel',
    input: ({ cast }) => ({ userId: cast.guest.userId }),
    rights: signedIn,
    payload: 'channel',
  },
  {
    mutation: 'sendMessage',
    of,
    input: ({ scene: { directId } }) => ({ channelId: directId, text: 'hello', nonce: 'new' }),
    rights: { ...members, ADMIN: 'Denied NOT_FOUND' },
    payload: 'message deduplicated',
  },
  {
    mutation: 'addMembers',
    of,
    input: ({ cast, scene: { directId } }) => ({ channelId: directId, userIds: [cast.newcomer.userId] }),
    rights: noGroup,
    payload: 'channel added notAdded',
  },
  {
    mutation: 'removeMember',
    of,
    input: ({ cast, scene: { directId } }) => ({ channelId: directId, userId: cast.player('OWNER').userId }),
    rights: noGroup,
    payload: 'channel memberId',
  },
  {
    mutation: 'leaveChannel',
    of,
    input: ({ scene: { directId } }) => ({ channelId: directId }),
    rights: noGroup,
    payload: 'channelId viewer',
  },
  {
    mutation: 'updateGroup',
    of,
    input: ({ scene: { directId } }) => ({ channelId: directId, name: 'Renamed' }),
    rights: noGroup,
    payload: 'channel',
  },
  {
    mutation: 'setMemberRole',
    of,
    input: ({ scene: { directId }, ...place }) => ({
      channelId: directId,
      userId: place.cast.player('MEMBER').userId,
      role: 'OWNER',
    }),
    rights: noGroup,
    payload: 'channel member',
  },
];

export const attemptsInGroups: readonly Attempt[] = [...groups, ...places, ...direct];
