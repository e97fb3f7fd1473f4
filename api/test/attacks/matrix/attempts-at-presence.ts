import { members, senders, signedIn } from './attempt-rules.ts';
import type { Rights } from './roles.ts';
import type { Attempt } from './section.ts';

// Who may say that they write somewhere, and whether anybody looks at their device.

const notAccepting: Rights = { ...members, members: 'Denied NOT_FOUND' };

export const attemptsAtPresence: readonly Attempt[] = [
  { mutation: 'setActivity', input: () => ({ isIdle: true }), rights: signedIn, payload: 'device' },
  {
    mutation: 'setTyping',
    input: ({ scene: { channelId } }) => ({ channelId, isTyping: true }),
    rights: senders,
    payload: 'channel',
  },
  {
    mutation: 'setTyping',
    of: 'in a direct channel of the MEMBER and the OWNER',
    input: ({ scene: { directId } }) => ({ channelId: directId, isTyping: true }),
    rights: { ...members, ADMIN: 'Denied NOT_FOUND' },
    payload: 'channel',
  },
  {
    mutation: 'setTyping',
    of: 'in a direct channel in which one has blocked the other',
    input: ({ scene: { brokenId } }) => ({ channelId: brokenId, isTyping: true }),
    rights: { ...notAccepting, blocked: 'Denied NOT_ACCEPTING', OWNER: 'Denied NOT_ACCEPTING' },
    payload: 'channel',
  },
];
