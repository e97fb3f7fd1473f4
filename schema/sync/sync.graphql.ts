import { UserRef, ViewerRef } from '../account/account.graphql.ts';
import { builder, forgetKept } from '../builder.ts';
import { MemberRef } from '../member/member.graphql.ts';
import type { Scope } from '../scope.ts';
import type { Delivery, PositionsDelivery } from '../stream/delivery.ts';
import type { ChangesPage } from '../stream/stream.ts';
import { syncCursorOf } from '../take-sync-cursor-first.ts';
import { ChannelEventRef, ChatEventRef } from './events.graphql.ts';
import type { ChannelDelivery } from './sync.ts';
import { changesAfter, followEvents, movedMembersIn, usualChanges } from './sync.ts';

/** What only one viewer ever gets: whatever a document asks of it, the events that all get can still be shared. */
const neverShared = { neverShared: true };

const SyncResetReasonEnum = builder.enumType('SyncResetReason', {
  description: 'Why something cannot be replayed.',
  values: {
    TOO_FAR_BEHIND: { description: 'More than 1,000 events were missed: the newest page is cheaper.' },
    LOG_RESTORED: { description: 'The server went back to a backup: what you hold may never have happened.' },
    EXPIRED: { description: 'What happened in between is not kept any more.' },
  },
});

builder.objectRef<PositionsDelivery>('PositionsChanged').implement({
  description:
    'Members have read or received more, share that now, or no longer do: all who did since this was told last. Several changes of one ' +
    'member come as one.',
  interfaces: [ChatEventRef, ChannelEventRef],
  fields: (t) => ({
    members: t.field({
      type: [MemberRef],
      description:
        'Those of them who are members now, as they are now: see `readNumber` and `deliveredNumber`.',
      extensions: { sameForAll: true },
      resolve: (delivery, _, scope) => movedMembersIn(scope, delivery),
    }),
  }),
});

builder.objectRef<Extract<ChannelDelivery, { type: 'viewer.channel' }>>('ViewerChannelChanged').implement({
  extensions: neverShared,
  description:
    'My role or my own state in a channel changed, or I joined or left: with `channel: null`, drop it. `viewerCan` of the channel ' +
    'changes with such events and comes with them; that of messages follows the role, and whether I may `send`: when one of ' +
    'the two is another, read the messages that you show again.',
  interfaces: [ChatEventRef, ChannelEventRef],
});

builder.objectRef<Extract<Delivery, { type: 'viewer.changed' }>>('ViewerChanged').implement({
  extensions: neverShared,
  description:
    'My profile or my settings changed, or a device was signed in or out. That a device was merely used again (`lastActiveAt`) ' +
    'is not told.',
  interfaces: [ChatEventRef],
  fields: (t) => ({
    viewer: t.field({
      type: ViewerRef,
      nullable: true,
      description: 'As it is now.',
      resolve: (_, __, scope) => scope.viewer ?? null,
    }),
  }),
});

builder.objectRef<Extract<Delivery, { type: 'contact.changed' }>>('ContactChanged').implement({
  extensions: neverShared,
  description:
    'What I have towards a person changed: see `viewerContact`, and my lists of contacts, requests and blocked people.',
  interfaces: [ChatEventRef],
  fields: (t) => ({
    userId: t.exposeID('userId', { description: 'Who.' }),
    user: t.field({
      type: UserRef,
      nullable: true,
      description: 'As they are now.',
      resolve: ({ userId }) => userId,
    }),
  }),
});

builder.objectRef<Extract<ChannelDelivery, { type: 'sync.reset' }>>('SyncReset').implement({
  extensions: neverShared,
  description:
    'This channel cannot be replayed from where you were: forget what you hold of it, read its page again, go on from this ' +
    'cursor.',
  interfaces: [ChatEventRef, ChannelEventRef],
  fields: (t) => ({
    reason: t.expose('reason', { type: SyncResetReasonEnum, description: 'Why.' }),
  }),
});

builder.objectRef<Extract<Delivery, { type: 'viewer.reset' }>>('ViewerReset').implement({
  extensions: neverShared,
  description:
    'What you hold of the viewer (channels, contacts, settings, devices) may be outdated: read it again, go on from this cursor.',
  interfaces: [ChatEventRef],
  fields: (t) => ({
    reason: t.expose('reason', { type: SyncResetReasonEnum, description: 'Why.' }),
  }),
});

builder.objectRef<Extract<Delivery, { type: 'caught.up' }>>('CaughtUp').implement({
  extensions: neverShared,
  description: 'Everything before this moment has been sent; its cursor replaces all you keep.',
  interfaces: [ChatEventRef],
});

builder.objectRef<Extract<Delivery, { type: 'checkpoint' }>>('Checkpoint').implement({
  extensions: neverShared,
  description: 'Comes every 100 events, or 60 s with traffic; its cursor replaces all you keep.',
  interfaces: [ChatEventRef],
});

/** What other fields read meanwhile can be older than these events, which show nothing older than themselves. */
const readingAnew =
  (scope: Scope) =>
  (page: ChangesPage): ChangesPage => {
    forgetKept(scope);
    return page;
  };

const ChangesRef = builder.objectRef<ChangesPage>('Changes').implement({
  description: 'A page of the stream.',
  fields: (t) => ({
    events: t.field({
      type: [ChatEventRef],
      description: 'In order.',
      // `changes` counts them.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ events }) => [...events],
    }),
    cursor: t.expose('cursor', { type: 'Cursor', description: 'Complete: replaces all you keep.' }),
    hasMore: t.exposeBoolean('hasMore', { description: 'Ask again at once, with the new cursor.' }),
  }),
});

const cursors = {
  type: ['Cursor'],
  description:
    'All the cursors you keep; one of them from `CaughtUp`, `Checkpoint`, `changes` or `syncCursor`.',
} as const;

builder.queryFields((t) => ({
  syncCursor: t.field({
    type: 'Cursor',
    nullable: true,
    description:
      'Taken before anything else in this operation is read: the events after it complete what this operation returned. Keep ' +
      'it from that very result, not from a cache. Null when not signed in.',
    resolve: (_, __, scope, { operation }) => syncCursorOf(scope, operation),
  }),
  changes: t.withAuth({ signedIn: true }).field({
    type: ChangesRef,
    description:
      'What `events` would send, by page. With `waitSeconds` it answers when there is something, at once if there is already; ' +
      'an empty page says that nothing has happened. Ask again with the cursor of the page.',
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? usualChanges }),
    args: {
      after: t.arg({ ...cursors, type: ['Cursor'], required: true }),
      first: t.arg.int({
        defaultValue: usualChanges,
        description: 'At most so many events: 1 to 100.',
      }),
      waitSeconds: t.arg.int({
        defaultValue: 0,
        description:
          'Up to 25: while there is nothing, the answer waits for so long. 20 of one person may wait at once.',
      }),
    },
    resolve: (_, args, scope) => changesAfter(scope, args).then(readingAnew(scope)),
  }),
}));

builder.subscriptionField('events', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: ChatEventRef,
    description:
      'Everything durable that concerns the viewer, each event once and in order: a replay, `CaughtUp`, then what happens. ' +
      'Without `after` (or with an empty list) it goes on behind what this device acknowledged last (`acknowledgeEvents`), or ' +
      'starts now if it never has.',
    args: { after: t.arg({ ...cursors, type: ['Cursor'] }) },
    subscribe: (_, { after }, scope) => followEvents(scope, after),
    resolve: (delivery) => delivery,
  }),
);
