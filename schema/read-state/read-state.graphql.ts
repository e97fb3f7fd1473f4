import { ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ticksIn, unreadIn, viewerCountersIn } from '../channel/progress.ts';
import { MemberRef } from '../member/member.graphql.ts';
import { whenThere } from '../soon.ts';
import { ViewerStateRef } from '../viewer-state/viewer-state.graphql.ts';
import { isMarkedUnread, positionOf, unreadOfViewer } from './read-state.ts';

builder.objectFields(ViewerStateRef, (t) => ({
  unreadCount: t.int({
    description:
      'How many messages are unread: those by others that are not deleted, with a `number` above the `readNumber` of `member`. ' +
      '`ViewerChannelChanged` comes with a new count when the viewer has read. To count on in between, from events: one more for each ' +
      '`MessageSent` by somebody else with a `number` above `countedToNumber`, which is that number then; one less for each ' +
      '`MessageDeleted` with a `revision` above `countedToRevision`, which is that revision then, if the message is by somebody else ' +
      'and its `number` above `readNumber`.',
    resolve: ({ member }, _, scope) => unreadIn(scope, member.channelId),
  }),
  countedToNumber: t.field({
    type: 'Position',
    description:
      '`unreadCount` counts messages up to this `number`: whoever counts on adds only those with larger ones.',
    resolve: ({ member }, _, scope) =>
      whenThere(viewerCountersIn(scope, member.channelId), ({ lastNumber }) => lastNumber),
  }),
  countedToRevision: t.field({
    type: 'Position',
    description:
      '`unreadCount` leaves out what was deleted up to this `revision`: whoever counts on takes off only what is deleted by a larger one.',
    resolve: ({ member }, _, scope) => whenThere(viewerCountersIn(scope, member.channelId), ({ seq }) => seq),
  }),
  readByAllNumber: t.field({
    type: 'Position',
    nullable: true,
    description:
      'Up to here all other members who share it have read: the smallest `readNumber` of theirs, null when nobody shares it. So it ' +
      'changes with `PositionsChanged`, `MemberAdded` and `MemberRemoved`, and where there is only one of them, with their `MessageSent`.',
    resolve: ({ member }, _, scope) =>
      whenThere(ticksIn(scope, member.channelId), ({ readByAll }) => readByAll),
  }),
  deliveredToAllNumber: t.field({
    type: 'Position',
    nullable: true,
    description:
      'Up to here a device of each of them holds everything: the smallest `deliveredNumber` of theirs, null when nobody shares it.',
    resolve: ({ member }, _, scope) =>
      whenThere(ticksIn(scope, member.channelId), ({ deliveredToAll }) => deliveredToAll),
  }),
  isMarkedUnread: t.boolean({
    description: 'The viewer wants to come back to it: `markUnread` says so, and `markRead` that they have.',
    resolve: ({ member }, _, scope) => isMarkedUnread(scope, member),
  }),
}));

const sameForAll = { sameForAll: true };
builder.objectFields(MemberRef, (t) => ({
  readNumber: t.field({
    type: 'Position',
    nullable: true,
    extensions: sameForAll,
    description:
      'Up to which message this member has read; null when they do not share it with the viewer, never null for the viewer. It only ' +
      'grows, until they leave. `PositionsChanged` tells of it, but for one case that whoever sees `MessageSent` knows: who had read ' +
      'everything before their own message has read that, too.',
    resolve: (member, _, scope) =>
      whenThere(positionOf(scope, member), (position) => position?.readNumber ?? null),
  }),
  deliveredNumber: t.field({
    type: 'Position',
    nullable: true,
    extensions: sameForAll,
    description:
      'Up to which message a device of this member holds everything, by `acknowledgeEvents`: never less than `readNumber`. Null when ' +
      'they do not share it with the viewer.',
    resolve: (member, _, scope) =>
      whenThere(positionOf(scope, member), (position) => position?.deliveredNumber ?? null),
  }),
}));

builder.objectField(ViewerRef, 'unreadCount', (t) =>
  t.int({
    description: 'Unread messages in all channels that are not muted or archived.',
    resolve: (viewer, _, scope) => unreadOfViewer(scope, viewer),
  }),
);
