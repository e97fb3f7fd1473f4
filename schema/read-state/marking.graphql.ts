import { ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { resultOf } from '../refusal.graphql.ts';
import { type AcknowledgeEventsPayload, acknowledgeEvents } from './acknowledge-events.ts';
import { type MarkReadPayload, markRead } from './mark-read.ts';
import { type MarkUnreadPayload, markUnread } from './mark-unread.ts';

const payloadOf = (name: `${string}Payload`, description: string) =>
  builder.objectRef<MarkReadPayload | MarkUnreadPayload>(name).implement({
    description,
    fields: (t) => ({
      channel: t.field({
        type: ChannelRef,
        description: 'The channel: see its `viewerState`.',
        resolve: ({ channel }) => channel,
      }),
      viewer: t.field({ type: ViewerRef, description: 'The viewer.', resolve: ({ viewer }) => viewer }),
    }),
  });

const MarkReadInput = builder.inputType('MarkReadInput', {
  description: 'How far the viewer has read.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'A channel of the viewer.' }),
    number: t.field({
      type: 'Position',
      required: true,
      description:
        'The `number` of the message up to which everything is read. One beyond the newest means the newest, one below what is read ' +
        'already changes nothing.',
    }),
  }),
});
const MarkReadResult = resultOf('MarkReadResult', payloadOf('MarkReadPayload', 'It is read, for good.'));

const MarkUnreadInput = builder.inputType('MarkUnreadInput', {
  description: 'What to come back to.',
  fields: (t) => ({ channelId: t.id({ required: true, description: 'A channel of the viewer.' }) }),
});
const MarkUnreadResult = resultOf('MarkUnreadResult', payloadOf('MarkUnreadPayload', 'It is marked.'));

const AcknowledgeEventsInput = builder.inputType('AcknowledgeEventsInput', {
  description: 'What is safe on this device.',
  fields: (t) => ({
    cursors: t.field({
      type: ['Cursor'],
      required: true,
      description:
        'Of events, of `changes`, or a `syncCursor`, in any order. The first time that a device acknowledges anything, one of them must ' +
        'be complete.',
    }),
  }),
});
const AcknowledgeEventsPayloadRef = builder
  .objectRef<AcknowledgeEventsPayload>('AcknowledgeEventsPayload')
  .implement({
    description: 'It will be remembered.',
    fields: (t) => ({
      viewer: t.field({ type: ViewerRef, description: 'The viewer.', resolve: ({ viewer }) => viewer }),
    }),
  });
const AcknowledgeEventsResult = resultOf('AcknowledgeEventsResult', AcknowledgeEventsPayloadRef);

builder.mutationFields((t) => ({
  markRead: t.withAuth({ signedIn: true }).field({
    type: MarkReadResult,
    description:
      'Says up to where the viewer has read, on all their devices; it takes away a mark of `markUnread`. The others in the channel learn ' +
      'of it if the viewer shares that (`settings`).',
    args: { input: t.arg({ type: MarkReadInput, required: true, description: 'Where, and how far.' }) },
    resolve: (_, { input }, scope) => markRead(scope, input),
  }),
  markUnread: t.withAuth({ signedIn: true }).field({
    type: MarkUnreadResult,
    description: 'Marks a channel to come back to, on all devices of the viewer. What is read stays read.',
    args: { input: t.arg({ type: MarkUnreadInput, required: true, description: 'Which channel.' }) },
    resolve: (_, { input }, scope) => markUnread(scope, input),
  }),
  acknowledgeEvents: t.withAuth({ signedIn: true }).field({
    type: AcknowledgeEventsResult,
    description:
      'Says that everything up to these cursors is safe on this device: messages up to there count as received, and `events` without ' +
      '`after` goes on behind them. To be called with what was kept or dealt with, and never before.',
    args: { input: t.arg({ type: AcknowledgeEventsInput, required: true, description: 'Up to where.' }) },
    resolve: (_, { input }, scope) => acknowledgeEvents(scope, input),
  }),
}));
