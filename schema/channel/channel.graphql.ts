import { UserRef, ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { UserAbilitiesRef } from '../contact/contact.graphql.ts';
import { type ChannelId, incomingId } from '../ids.ts';
import { pageComplexity } from '../page.ts';
import { resultOf, VerdictRef } from '../refusal.graphql.ts';
import { canOpenDirect } from './channel.policy.ts';
import { type Channel, channelsOf, directPeerOf, lastNumberOf, memberCountOf } from './channel.ts';
import { type OpenDirectChannelPayload, openDirectChannel, peerOf } from './open-direct-channel.ts';
import { viewerChannels } from './viewer-channels.ts';

const ChannelKindEnum = builder.enumType('ChannelKind', {
  description: 'How many people a channel is for.',
  values: {
    DIRECT: { description: 'Exactly two people, always the same.' },
    GROUP: { description: 'Any number of people, up to the limit of the server.' },
  },
});

export const HistoryVisibilityEnum = builder.enumType('HistoryVisibility', {
  description: 'What a new member sees of what was there before.',
  values: {
    FROM_JOINING: { description: 'Only what came after their joining.' },
    ALL: { description: 'Everything.' },
  },
});

/** Everybody who may see it sees the same: what is made of it for one viewer serves the others. */
const sameForAll = { sameForAll: true };

/** Loads by `ChannelId` what the viewer is a member of now. A resolver that knows this already may return a whole `Channel`. */
export const ChannelRef = builder.loadableNode('Channel', {
  description: 'A place where people talk.',
  id: {
    description: 'Never changes.',
    extensions: sameForAll,
    resolve: (channel: Channel) => channel.id,
    parse: incomingId,
  },
  load: (ids: ChannelId[], scope) => channelsOf(scope, ids),
  toKey: (channel: Channel) => channel.id,
  sort: true,
  fields: (t) => ({
    kind: t.expose('kind', {
      type: ChannelKindEnum,
      description: 'How many people it is for.',
      extensions: sameForAll,
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: "Null when DIRECT: show the other member's name.",
      extensions: sameForAll,
    }),
    topic: t.exposeString('topic', {
      nullable: true,
      description: 'What it is about, when somebody wrote that down.',
      extensions: sameForAll,
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was made.',
      extensions: sameForAll,
    }),
    historyVisibility: t.expose('historyVisibility', {
      type: HistoryVisibilityEnum,
      description: 'What a new member sees of what was there before.',
      extensions: sameForAll,
    }),
    memberCount: t.int({
      description: 'How many people are in it.',
      extensions: sameForAll,
      resolve: (channel, _, scope) => memberCountOf(scope, channel),
    }),
    directPeer: t.field({
      type: UserRef,
      nullable: true,
      description: 'The other person of a DIRECT channel; null in a GROUP.',
      resolve: (channel, _, scope) => directPeerOf(scope, channel),
    }),
    lastNumber: t.field({
      type: 'Position',
      description: 'The `number` of the newest message; 0 before the first.',
      extensions: sameForAll,
      resolve: ({ id }, _, scope) => lastNumberOf(scope, id),
    }),
  }),
});

const ChannelEdge = builder.edgeObject({
  name: 'ChannelEdge',
  description: 'A channel in a list.',
  type: ChannelRef,
});
const ChannelConnection = builder.connectionObject(
  { name: 'ChannelConnection', description: 'A page of channels.', type: ChannelRef },
  ChannelEdge,
);

const ChannelFilter = builder.inputType('ChannelFilter', {
  description: 'Which channels: those for which everything given here is so.',
  fields: (t) => ({
    kind: t.field({ type: ChannelKindEnum, description: 'Only those of this kind.' }),
    isArchived: t.boolean({
      description: 'Only those that the viewer has archived; or, with `false`, only the others.',
    }),
    hasUnread: t.boolean({
      description:
        'Only those in which something is unread, or that are marked as unread; or, with `false`, only the others.',
    }),
  }),
});

builder.objectField(ViewerRef, 'channels', (t) =>
  t.connection(
    {
      type: ChannelRef,
      description:
        'The channels that the viewer is in, last activity first; all of them when there is no `filter`, archived ones too. ' +
        'At most 100 a page, 50 when not said.',
      complexity: pageComplexity,
      args: { filter: t.arg({ type: ChannelFilter, description: 'Only some of them.' }) },
      resolve: (viewer, args, scope) => viewerChannels(scope, viewer, args),
    },
    ChannelConnection,
  ),
);

builder.queryField('channel', (t) =>
  t.field({
    type: ChannelRef,
    nullable: true,
    authScopes: { signedIn: true },
    description: 'A channel of the viewer; null when there is none with this id, or the viewer is not in it.',
    args: { id: t.arg.id({ required: true, description: 'Its `id`.' }) },
    resolve: (_, { id }) => id,
  }),
);

builder.objectField(UserAbilitiesRef, 'openDirectChannel', (t) =>
  t.field({
    type: VerdictRef,
    description:
      'Open the channel of the two, with `openDirectChannel`. Whether one of them is in too many channels is found out by that.',
    resolve: (user) => canOpenDirect(peerOf(user)),
  }),
);

const OpenDirectChannelInput = builder.inputType('OpenDirectChannelInput', {
  description: 'Whom to talk to, just the two of you.',
  fields: (t) => ({ userId: t.id({ required: true, description: 'The other person.' }) }),
});
const OpenDirectChannelPayloadRef = builder
  .objectRef<OpenDirectChannelPayload>('OpenDirectChannelPayload')
  .implement({
    description: 'The channel is there, and both are in it.',
    fields: (t) => ({
      channel: t.field({
        type: ChannelRef,
        description: 'The only one of these two, new or not.',
        resolve: ({ channel }) => channel,
      }),
    }),
  });
const OpenDirectChannelResult = resultOf('OpenDirectChannelResult', OpenDirectChannelPayloadRef);

builder.mutationField('openDirectChannel', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: OpenDirectChannelResult,
    description:
      'Opens the channel of the viewer and one other person. Two people have one, for ever: opening it again, by either of ' +
      'them or by both at once, gives the same.',
    args: { input: t.arg({ type: OpenDirectChannelInput, required: true, description: 'With whom.' }) },
    resolve: (_, { input }, scope) => openDirectChannel(scope, input),
  }),
);
