import { channelOnly, members, signedIn } from './attempt-rules.ts';
import { isSignedIn, type Rights } from './roles.ts';
import type { Attempt, Place } from './section.ts';

// Who may say that they have read or received something, and who else may see it.

const payload = 'channel viewer';
const nothingThere: Rights = { ...signedIn, 'signed in': 'Denied NOT_FOUND' };
const ownCursor = ({ scene, role }: Place) => scene.cursor[isSignedIn(role) ? role : 'OWNER'];
/** Of another person than whoever tries it. */
const foreignCursor = ({ scene, role }: Place) => scene.cursor[role === 'MEMBER' ? 'OWNER' : 'MEMBER'];

const marks: readonly Attempt[] = [
  {
    mutation: 'markRead',
    input: ({ scene: { channelId } }) => ({ channelId, number: 2 }),
    rights: members,
    payload,
  },
  { mutation: 'markUnread', input: channelOnly, rights: members, payload },
  {
    mutation: 'markRead',
    of: 'in a direct channel of the MEMBER and the OWNER',
    input: ({ scene: { directId } }) => ({ channelId: directId, number: 1 }),
    rights: { ...members, ADMIN: 'Denied NOT_FOUND' },
    payload,
  },
  {
    mutation: 'markRead',
    of: 'in a direct channel in which one has blocked the other',
    input: ({ scene: { brokenId } }) => ({ channelId: brokenId, number: 1 }),
    rights: { ...nothingThere, blocked: 'done', OWNER: 'done' },
    payload,
  },
];

const acknowledgements: readonly Attempt[] = [
  {
    mutation: 'acknowledgeEvents',
    input: (place) => ({ cursors: [ownCursor(place)] }),
    rights: signedIn,
    payload: 'viewer',
  },
  {
    mutation: 'acknowledgeEvents',
    of: 'with a cursor of somebody else',
    input: (place) => ({ cursors: [ownCursor(place), foreignCursor(place)] }),
    rights: { ...signedIn, 'signed in': 'BAD_USER_INPUT' },
    payload: 'viewer',
  },
];

const settings: readonly Attempt[] = [
  {
    mutation: 'updateSettings',
    of: 'what others see of how far one has read',
    input: () => ({ sharesReadPosition: false }),
    rights: signedIn,
    payload: 'viewer',
  },
];

export const attemptsAtReading: readonly Attempt[] = [...marks, ...acknowledgements, ...settings];
