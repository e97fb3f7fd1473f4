import { password } from '../../../../schema/test/world.ts';
import { isSignedIn, type Rights } from './roles.ts';
import type { Attempt, Place } from './section.ts';

// Who may do what. Each line is tried by every role in a group of its own.

const everybody: Rights = { everybody: 'done' };
const signedIn: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'done' };
/** Outsiders are told what they would be told of a group that does not exist. */
const members: Rights = { anonymous: 'UNAUTHENTICATED', outsiders: 'Denied NOT_FOUND', members: 'done' };
const managers: Rights = { ...members, MEMBER: 'Denied ROLE_TOO_LOW' };
const owners: Rights = { ...managers, ADMIN: 'Denied ROLE_TOO_LOW' };
/** Who was there knows the group, and is told what they lack. */
const senders: Rights = { ...members, 'ex-member': 'Denied NOT_A_MEMBER' };
const authors: Rights = { ...members, members: 'Denied NOT_YOURS' };

const device = { label: 'A browser', platform: 'WEB' };
const channelOnly = ({ scene: { channelId } }: Place) => ({ channelId });
const own = ({ scene, role }: Place) => scene.ownId[isSignedIn(role) ? role : 'OWNER'];
const self = ({ cast, role }: Place) => cast.player(isSignedIn(role) ? role : 'OWNER');

const accounts: readonly Attempt[] = [
  {
    mutation: 'signUp',
    input: ({ scene, role }) => ({
      handle: `${scene.channelId}.${role.toLowerCase()}`,
      displayName: 'Somebody new',
      password,
      device,
    }),
    rights: everybody,
    payload: 'session viewer',
  },
  {
    mutation: 'signIn',
    input: ({ cast }) => ({ handle: cast.guest.handle, password, device }),
    rights: everybody,
    payload: 'session viewer',
  },
  {
    mutation: 'refreshSession',
    of: 'by whoever has its token',
    input: (place) => ({ refreshToken: self(place).session.refreshToken }),
    rights: everybody,
    payload: 'session',
  },
  {
    mutation: 'revokeSession',
    of: "one's own",
    input: (place) => ({ deviceId: self(place).session.device.id }),
    rights: signedIn,
    payload: 'deviceId viewer',
  },
  {
    mutation: 'revokeSession',
    of: "somebody else's",
    input: ({ cast }) => ({ deviceId: cast.guest.session.device.id }),
    rights: { ...signedIn, 'signed in': 'Denied NOT_FOUND' },
    payload: 'deviceId viewer',
  },
  { mutation: 'signOut', input: () => ({}), rights: signedIn, payload: 'deviceId' },
];

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

const messages: readonly Attempt[] = [
  {
    mutation: 'sendMessage',
    input: ({ scene: { channelId } }) => ({ channelId, text: 'hello', nonce: 'new' }),
    rights: senders,
    payload: 'message deduplicated',
  },
  {
    mutation: 'sendMessage',
    of: 'an answer',
    input: ({ scene: { channelId, messageId } }) => ({
      channelId,
      text: 'hello',
      nonce: 'new',
      replyToId: messageId,
    }),
    rights: senders,
    payload: 'message deduplicated',
  },
  {
    mutation: 'sendMessage',
    of: 'once more',
    input: ({ scene: { channelId } }) => ({ channelId, text: 'mine', nonce: 'own' }),
    // Who has left is told that it arrived: otherwise they could never know.
    rights: { ...members, 'ex-member': 'done' },
    payload: 'message deduplicated',
  },
  {
    mutation: 'editMessage',
    of: "one's own",
    input: (place) => ({ messageId: own(place), text: 'edited' }),
    rights: members,
    payload: 'message',
  },
  {
    mutation: 'editMessage',
    of: "the partner's",
    input: ({ scene }) => ({ messageId: scene.ownId.stranger, text: 'edited' }),
    rights: authors,
    payload: 'message',
  },
  {
    mutation: 'deleteMessage',
    of: "one's own",
    input: (place) => ({ messageId: own(place) }),
    rights: members,
    payload: 'message',
  },
  {
    mutation: 'deleteMessage',
    of: "the partner's",
    input: ({ scene }) => ({ messageId: scene.ownId.stranger }),
    rights: { ...members, MEMBER: 'Denied NOT_YOURS' },
    payload: 'message',
  },
];

export const attempts: readonly Attempt[] = [...accounts, ...groups, ...places, ...direct, ...messages];
