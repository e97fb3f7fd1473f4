import { members, self, signedIn } from './attempt-rules.ts';
import type { Rights } from './roles.ts';
import type { Attempt, Place } from './section.ts';

// Who may do what with people. Whom the OWNER has blocked may do less with the OWNER; nobody does anything with themselves.

const guest = ({ cast }: Place) => ({ userId: cast.guest.userId });
const passerby = ({ cast }: Place) => ({ userId: cast.passerby.userId });
const suitor = ({ cast }: Place) => ({ userId: cast.suitor.userId });
const owner = ({ cast }: Place) => ({ userId: cast.player('OWNER').userId });
const oneself = (place: Place) => ({ userId: self(place).userId });

const payload = 'user viewer';
const withOwner: Rights = { ...signedIn, blocked: 'Denied NOT_ACCEPTING', OWNER: 'InvalidInput MALFORMED' };
const withOneself: Rights = { ...signedIn, 'signed in': 'InvalidInput MALFORMED' };
const nothingThere: Rights = { ...signedIn, 'signed in': 'Denied NOT_FOUND' };

const requests: readonly Attempt[] = [
  { mutation: 'requestContact', input: guest, rights: signedIn, payload },
  { mutation: 'requestContact', of: 'of the OWNER', input: owner, rights: withOwner, payload },
  { mutation: 'requestContact', of: 'of oneself', input: oneself, rights: withOneself, payload },
  {
    mutation: 'answerContactRequest',
    of: 'of who has asked',
    input: (place) => ({ ...suitor(place), accept: true }),
    rights: signedIn,
    payload,
  },
  {
    mutation: 'answerContactRequest',
    of: 'of who has not',
    input: (place) => ({ ...passerby(place), accept: true }),
    rights: nothingThere,
    payload,
  },
  {
    mutation: 'answerContactRequest',
    of: 'of who was answered',
    input: (place) => ({ ...suitor(place), accept: false }),
    rights: nothingThere,
    payload,
  },
  { mutation: 'removeContact', input: suitor, rights: signedIn, payload },
  { mutation: 'removeContact', of: 'of oneself', input: oneself, rights: withOneself, payload },
];

const blocks: readonly Attempt[] = [
  { mutation: 'blockUser', input: passerby, rights: signedIn, payload },
  {
    mutation: 'requestContact',
    of: 'of whom one has blocked',
    input: passerby,
    rights: { ...signedIn, 'signed in': 'Denied NOT_ACCEPTING' },
    payload,
  },
  {
    mutation: 'addMembers',
    of: 'of whom one has blocked',
    input: ({ cast, scene: { channelId } }) => ({ channelId, userIds: [cast.passerby.userId] }),
    rights: members,
    payload: 'channel added notAdded',
    except: { added: 'empty' },
  },
  {
    mutation: 'createGroup',
    of: 'with whom one has blocked',
    input: ({ cast }) => ({ name: 'Ours', memberIds: [cast.passerby.userId], nonce: 'without them' }),
    rights: signedIn,
    payload: 'channel notAdded deduplicated',
  },
  { mutation: 'unblockUser', input: passerby, rights: signedIn, payload },
  { mutation: 'blockUser', of: 'of oneself', input: oneself, rights: withOneself, payload },
  { mutation: 'unblockUser', of: 'of oneself', input: oneself, rights: withOneself, payload },
];

/** What a block keeps people from, besides. */
const kept: readonly Attempt[] = [
  {
    mutation: 'openDirectChannel',
    of: 'with the OWNER',
    input: owner,
    rights: withOwner,
    payload: 'channel',
  },
  {
    mutation: 'sendMessage',
    of: 'in a direct channel in which one has blocked the other',
    input: ({ scene: { brokenId } }) => ({ channelId: brokenId, text: 'hello', nonce: 'new' }),
    rights: {
      ...nothingThere,
      blocked: 'Denied NOT_ACCEPTING',
      OWNER: 'Denied NOT_ACCEPTING',
    },
    payload: 'message deduplicated',
  },
  {
    mutation: 'editMessage',
    of: 'of the owner to who is blocked since',
    input: ({ scene }) => ({ messageId: scene.brokenMessageId, text: 'edited' }),
    rights: { ...nothingThere, blocked: 'Denied NOT_YOURS', OWNER: 'Denied NOT_ACCEPTING' },
    payload: 'message',
  },
];

const settings: readonly Attempt[] = [
  {
    mutation: 'updateSettings',
    input: () => ({ isInvisible: true, lastSeenVisibleTo: 'CONTACTS' }),
    rights: signedIn,
    payload: 'viewer',
  },
];

export const attemptsOnContacts: readonly Attempt[] = [...requests, ...blocks, ...kept, ...settings];
