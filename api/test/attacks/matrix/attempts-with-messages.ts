import { authors, members, own, senders } from './attempt-rules.ts';
import type { Attempt } from './section.ts';

// Who may do what with messages.

export const attemptsWithMessages: readonly Attempt[] = [
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
