import { UserRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { incomingId, type MessageId, serverAuthorId } from '../ids.ts';
import { resultOf, VerdictRef } from '../refusal.graphql.ts';
import { viewerIs } from '../viewer-is.ts';
import { type DeleteMessagePayload, deleteMessage } from './delete-message.ts';
import { type EditMessagePayload, editMessage } from './edit-message.ts';
import { followMessages, messageIn } from './follow-messages.ts';
import { canDelete, canEdit, canReply } from './message.policy.ts';
import { answeredMessage, channelOfMessage, idOf, type ShownMessage, visibleMessages } from './message.ts';
import { type SendMessagePayload, sendMessage } from './send-message.ts';
import { abilitiesOf, type MessageAbilities } from './standing.ts';

const sameForAll = { sameForAll: true };

/** Loads by `MessageId` what the viewer may see. A resolver that knows this already returns the whole message. */
export const MessageRef = builder.loadableNode('Message', {
  description: 'What a person wrote.',
  id: {
    description: 'Never changes. Of one channel, later messages have larger ones.',
    extensions: sameForAll,
    resolve: (message: ShownMessage) => idOf(message),
    parse: incomingId,
  },
  // Copies, because what is loaded gets a mark of its type, and a stored message is frozen: readers share it.
  load: async (ids: MessageId[], scope): Promise<ShownMessage[]> =>
    (await visibleMessages(scope, ids)).map((message) => ({ ...message })),
  toKey: (message: ShownMessage) => idOf(message),
  sort: true,
  fields: (t) => ({
    channel: t.field({
      type: ChannelRef,
      description: 'Where it was written.',
      extensions: sameForAll,
      resolve: (message, _, scope) => channelOfMessage(scope, message),
    }),
    number: t.expose('number', {
      type: 'Position',
      description: 'Its place among the messages of its channel: 1, 2, 3 … without holes.',
      extensions: sameForAll,
    }),
    author: t.field({
      type: UserRef,
      nullable: true,
      description: 'Null for what the server itself says.',
      extensions: sameForAll,
      resolve: ({ authorId }) => (authorId === serverAuthorId ? null : authorId),
    }),
    revision: t.expose('revision', {
      type: 'Position',
      description: 'Of two copies of this message, the one with the larger revision is newer.',
      extensions: sameForAll,
    }),
    text: t.exposeString('text', {
      nullable: true,
      description: 'Null when deleted: see `deletedAt`.',
      extensions: sameForAll,
    }),
    nonce: t.string({
      nullable: true,
      description:
        "What the sender's device chose, so that it recognises its own. Null for everybody but the author.",
      extensions: { variesBy: 'author' },
      resolve: ({ nonce, authorId }, _, scope) => (viewerIs(scope, authorId) ? nonce : null),
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was recorded. Never earlier than that of a smaller `number`.',
      extensions: sameForAll,
    }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its text was changed last; null when never.',
      extensions: sameForAll,
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; null while it is there.',
      extensions: sameForAll,
    }),
  }),
});

const MessageAbilitiesRef = builder.objectRef<MessageAbilities>('MessageAbilities').implement({
  description: 'What the viewer may do with a message, by the same rules that the mutations ask.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Never changes.' }),
    edit: t.field({
      type: VerdictRef,
      description: 'Change its text, with `editMessage`.',
      resolve: ({ standing }) => canEdit(standing),
    }),
    delete: t.field({
      type: VerdictRef,
      description: 'Delete it, with `deleteMessage`.',
      resolve: ({ standing }) => canDelete(standing),
    }),
    reply: t.field({
      type: VerdictRef,
      description: 'Answer it, with `sendMessage` and `replyToId`.',
      resolve: ({ standing }) => canReply(standing),
    }),
  }),
});

builder.objectFields(MessageRef, (t) => ({
  replyToNumber: t.field({
    type: 'Position',
    nullable: true,
    description: 'The `number` of the message this answers; null when it answers none.',
    extensions: sameForAll,
    resolve: ({ replyTo }) => replyTo?.number ?? null,
  }),
  replyTo: t.field({
    type: MessageRef,
    nullable: true,
    description:
      'The message this answers. Null when it answers none, and when the viewer may not see that one.',
    // An event is shared only by viewers who see this one, too; what it answers in turn is not looked at for that.
    extensions: { sameForAll: 'once' },
    resolve: (message, _, scope) => answeredMessage(scope, message),
  }),
  viewerCan: t.field({
    type: MessageAbilitiesRef,
    description:
      'What the viewer may do with it, now. It changes with the message, and with the role of the viewer in the channel.',
    resolve: (message, _, scope) => abilitiesOf(scope, message),
  }),
}));

builder.queryField('message', (t) =>
  t.field({
    type: MessageRef,
    nullable: true,
    authScopes: { signedIn: true },
    description: 'A message; null when there is none with this id, or the viewer may not see it.',
    args: { id: t.arg.id({ required: true, description: 'Its `id`.' }) },
    resolve: (_, { id }) => id,
  }),
);

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'A message to send.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'Where to.' }),
    text: t.string({
      required: true,
      description: 'At most 4,000 characters and 16 KB. Kept as it is written.',
    }),
    nonce: t.string({
      required: true,
      description: 'Chosen by the sender, 1 to 64 characters; the same one never makes a second message.',
    }),
    replyToId: t.id({ description: 'The message that this one answers: one of the same channel.' }),
  }),
});
const SendMessagePayloadRef = builder.objectRef<SendMessagePayload>('SendMessagePayload').implement({
  description: 'The message is in the log, for good.',
  fields: (t) => ({
    message: t.field({ type: MessageRef, description: 'As it is now.', resolve: ({ message }) => message }),
    deduplicated: t.exposeBoolean('deduplicated', {
      description: 'This nonce had sent it before; nothing was sent now, whatever the text.',
    }),
  }),
});
const SendMessageResult = resultOf('SendMessageResult', SendMessagePayloadRef);

const EditMessageInput = builder.inputType('EditMessageInput', {
  description:
    'The same text again changes nothing. With `ifRevision`, a message that changed meanwhile is left alone (`STALE`).',
  fields: (t) => ({
    messageId: t.id({ required: true, description: "A message of the viewer's own." }),
    text: t.string({ required: true, description: 'The new text, with the limits of `sendMessage`.' }),
    ifRevision: t.field({ type: 'Position', description: 'The `revision` of the copy that was edited.' }),
  }),
});
const EditMessagePayloadRef = builder.objectRef<EditMessagePayload>('EditMessagePayload').implement({
  description: 'The message says this now.',
  fields: (t) => ({
    message: t.field({ type: MessageRef, description: 'As it is now.', resolve: ({ message }) => message }),
  }),
});
const EditMessageResult = resultOf('EditMessageResult', EditMessagePayloadRef);

const DeleteMessageInput = builder.inputType('DeleteMessageInput', {
  description: 'Its text will be gone from every read and every replay; a tombstone stays.',
  fields: (t) => ({ messageId: t.id({ required: true, description: 'The message.' }) }),
});
const DeleteMessagePayloadRef = builder.objectRef<DeleteMessagePayload>('DeleteMessagePayload').implement({
  description: 'The text is gone.',
  fields: (t) => ({
    message: t.field({ type: MessageRef, description: 'The tombstone.', resolve: ({ message }) => message }),
  }),
});
const DeleteMessageResult = resultOf('DeleteMessageResult', DeleteMessagePayloadRef);

builder.mutationFields((t) => ({
  sendMessage: t.withAuth({ signedIn: true }).field({
    type: SendMessageResult,
    description: 'Sends a message. Repeat it with the same nonce until it answers: it is never sent twice.',
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'What, and where to.' }) },
    extensions: { looksFirst: true },
    resolve: (_, { input }, scope) => sendMessage(scope, input),
  }),
  editMessage: t.withAuth({ signedIn: true }).field({
    type: EditMessageResult,
    description: "Changes the text of a message of the viewer's own.",
    args: {
      input: t.arg({ type: EditMessageInput, required: true, description: 'Which, and what it says then.' }),
    },
    resolve: (_, { input }, scope) => editMessage(scope, input),
  }),
  deleteMessage: t.withAuth({ signedIn: true }).field({
    type: DeleteMessageResult,
    description: "Deletes a message: the viewer's own; owners and admins of a group also others'.",
    args: { input: t.arg({ type: DeleteMessageInput, required: true, description: 'Which.' }) },
    resolve: (_, { input }, scope) => deleteMessage(scope, input),
  }),
}));

builder.subscriptionField('messageAdded', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: MessageRef,
    description:
      'The messages of one channel behind `afterNumber` (all that follow, however many), then each new one; without it, new ' +
      'ones only. Numbers are dense: a gap would be visible, and a repeat is recognised. Completes when the viewer is no ' +
      'longer a member.',
    args: {
      channelId: t.arg.id({ required: true, description: 'A channel that the viewer is in.' }),
      afterNumber: t.arg({
        type: 'Position',
        description: 'The `number` of the newest message that the client has.',
      }),
    },
    subscribe: (_, args, scope) => followMessages(scope, args),
    resolve: (delivery) => messageIn(delivery),
  }),
);
