import { UserRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { messageIdOf } from '../ids.ts';
import { MemberRef } from '../member/member.graphql.ts';
import { MessageRef } from '../message/message.graphql.ts';
import type { Delivery, LogDelivery } from '../stream/delivery.ts';
import type { EventKind } from '../stream/event.ts';
import {
  actorIn,
  type ChannelDelivery,
  changeIn,
  channelIn,
  deletingRevision,
  memberIdIn,
  memberIn,
  updateIn,
  visibleMessageIn,
} from './sync.ts';

/** The GraphQL type of every kind of event: the words of the log. */
const typeOfKind: Record<EventKind, string> = {
  'message.sent': 'MessageSent',
  'message.edited': 'MessageEdited',
  'message.deleted': 'MessageDeleted',
  'member.added': 'MemberAdded',
  'member.removed': 'MemberRemoved',
  'member.role-changed': 'MemberRoleChanged',
  'channel.updated': 'ChannelUpdated',
};
const typeOfMarker: Record<Exclude<Delivery['type'], 'log'>, string> = {
  positions: 'PositionsChanged',
  'viewer.channel': 'ViewerChannelChanged',
  'viewer.changed': 'ViewerChanged',
  'contact.changed': 'ContactChanged',
  'viewer.reset': 'ViewerReset',
  'sync.reset': 'SyncReset',
  'caught.up': 'CaughtUp',
  checkpoint: 'Checkpoint',
};
const typeOf = (delivery: Delivery) =>
  delivery.type === 'log' ? typeOfKind[delivery.event.kind] : typeOfMarker[delivery.type];

/** Every viewer gets the same of an event: it is made once and serves them all. */
const sameForAll = { sameForAll: true };

export const ChatEventRef = builder.interfaceRef<Delivery>('ChatEvent').implement({
  description:
    'Something that happened, in order. Tolerate types you do not know: keep their `cursor`, ignore the rest. Objects in an ' +
    'event show what is so when it is delivered, never something older than the event.',
  resolveType: typeOf,
  fields: (t) => ({
    eventId: t.exposeID('eventId', {
      description:
        'The same whenever this event is sent again: for what must be done once only. Applying a repeat does no harm.',
      extensions: sameForAll,
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'Append it to what you keep; that of a `Checkpoint` or `CaughtUp` replaces all you keep.',
      extensions: sameForAll,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was recorded.', extensions: sameForAll }),
  }),
});

export const ChannelEventRef = builder.interfaceRef<ChannelDelivery>('ChannelEvent').implement({
  description: 'Something that happened in a channel.',
  interfaces: [ChatEventRef],
  resolveType: typeOf,
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'Where.', extensions: sameForAll }),
    channel: t.field({
      type: ChannelRef,
      nullable: true,
      description: 'Null when the viewer is no longer a member.',
      extensions: sameForAll,
      resolve: (delivery, _, scope) => channelIn(scope, delivery),
    }),
  }),
});

/** An event about a message. */
const messageEvent = (name: string, description: string) =>
  builder.objectRef<LogDelivery>(name).implement({
    description,
    interfaces: [ChatEventRef, ChannelEventRef],
    fields: (t) => ({
      messageId: t.id({
        description: 'Which message.',
        extensions: sameForAll,
        resolve: ({ channelId, event }) => messageIdOf(channelId, event.message?.seq ?? event.seq),
      }),
      message: t.field({
        type: MessageRef,
        nullable: true,
        description:
          'As it is now; null when the viewer may not see it, because it is older than their joining.',
        extensions: sameForAll,
        resolve: (delivery, _, scope) => visibleMessageIn(scope, delivery),
      }),
    }),
  });

messageEvent('MessageSent', 'Somebody sent a message.');
messageEvent('MessageEdited', 'The author changed the text.');
builder.objectFields(messageEvent('MessageDeleted', 'A message was deleted: its text is gone.'), (t) => ({
  by: t.field({
    type: UserRef,
    nullable: true,
    description: 'Who deleted it.',
    extensions: sameForAll,
    resolve: actorIn,
  }),
  revision: t.field({
    type: 'Position',
    nullable: true,
    description:
      'The `revision` that this gave the message; null when somebody else had deleted it just before. For who counts what is ' +
      'unread: see `ViewerState.unreadCount`.',
    extensions: sameForAll,
    resolve: (delivery, _, scope) => deletingRevision(scope, delivery),
  }),
}));

/** An event about a member. */
const memberEvent = (name: string, description: string) =>
  builder.objectRef<LogDelivery>(name).implement({
    description,
    interfaces: [ChatEventRef, ChannelEventRef],
    fields: (t) => ({
      memberId: t.id({
        description: 'Which member.',
        extensions: sameForAll,
        resolve: (delivery, _, scope) => memberIdIn(scope, delivery),
      }),
      by: t.field({
        type: UserRef,
        nullable: true,
        description: 'Who did it.',
        extensions: sameForAll,
        resolve: (delivery) => changeIn(delivery).by,
      }),
    }),
  });

for (const event of [
  memberEvent('MemberAdded', 'Somebody is a member now.'),
  memberEvent('MemberRoleChanged', 'A member has another role now.'),
])
  builder.objectField(event, 'member', (t) =>
    t.field({
      type: MemberRef,
      nullable: true,
      description: 'Null when gone again.',
      extensions: sameForAll,
      resolve: (delivery, _, scope) => memberIn(scope, delivery),
    }),
  );
builder.objectField(
  memberEvent(
    'MemberRemoved',
    'Somebody left or was removed. For that person this is the last event of the channel.',
  ),
  'user',
  (t) =>
    t.field({
      type: UserRef,
      nullable: true,
      description: 'Who is gone.',
      extensions: sameForAll,
      resolve: (delivery) => changeIn(delivery).userId,
    }),
);

builder.objectRef<LogDelivery>('ChannelUpdated').implement({
  description:
    'Name, topic or history visibility of a group changed: see `channel`. When it is `historyVisibility`, read the messages of ' +
    'the channel that you show again: the viewer sees others now.',
  interfaces: [ChatEventRef, ChannelEventRef],
  fields: (t) => ({
    by: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who did it.',
      extensions: sameForAll,
      resolve: (delivery) => updateIn(delivery).by,
    }),
  }),
});
