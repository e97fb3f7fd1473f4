import { ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { type ChannelId, incomingId } from '../ids.ts';
import { pageComplexity } from '../page.ts';
import { resultOf } from '../refusal.graphql.ts';
import { refusals } from '../verdict.ts';
import { type Channel, channelsOf, lastNumberOf, memberCountOf } from './channel.ts';
import { type CreateGroupPayload, createGroup, type NotAdded } from './create-group.ts';
import { viewerChannels } from './viewer-channels.ts';

const ChannelKindEnum = builder.enumType('ChannelKind', {
  description: 'How many people a channel is for.',
  values: {
    DIRECT: { description: 'Exactly two people, always the same.' },
    GROUP: { description: 'Any number of people, up to the limit of the server.' },
  },
});

const HistoryVisibilityEnum = builder.enumType('HistoryVisibility', {
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

builder.objectField(ViewerRef, 'channels', (t) =>
  t.connection(
    {
      type: ChannelRef,
      description:
        'The channels that the viewer is in, last activity first. At most 100 a page, 50 when not said.',
      complexity: pageComplexity,
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

export const NotAddedRef = builder.objectRef<NotAdded>('NotAdded').implement({
  description: 'Somebody who was not added to a group.',
  fields: (t) => ({
    userId: t.exposeID('userId', { description: 'Who.' }),
    code: t.exposeString('code', { description: 'Why: stable, from the published list.' }),
    explanation: t.string({
      description: 'Why, for people, in English; clients translate by `code`.',
      resolve: ({ code }) => refusals[code],
    }),
  }),
});

const CreateGroupInput = builder.inputType('CreateGroupInput', {
  description: 'A new group.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'One line of 1 to 100 characters.' }),
    topic: t.string({ description: 'At most 500 characters.' }),
    memberIds: t.idList({
      required: true,
      description: 'Users to begin with, besides the viewer, who owns the group.',
    }),
    historyVisibility: t.field({
      type: HistoryVisibilityEnum,
      defaultValue: 'FROM_JOINING',
      description: 'What people who are added later see of what was there before.',
    }),
    nonce: t.string({
      required: true,
      description: 'Chosen by the client, 1 to 64 characters; the same one never makes a second group.',
    }),
  }),
});

const CreateGroupPayloadRef = builder.objectRef<CreateGroupPayload>('CreateGroupPayload').implement({
  description: 'The group exists.',
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, description: 'The group.', resolve: ({ channel }) => channel }),
    notAdded: t.field({
      type: [NotAddedRef],
      description: 'Who could not be added; everybody else was.',
      resolve: ({ notAdded }) => [...notAdded],
    }),
    deduplicated: t.exposeBoolean('deduplicated', {
      description: 'This nonce had made the group before; nothing was done now.',
    }),
  }),
});
const CreateGroupResult = resultOf('CreateGroupResult', CreateGroupPayloadRef);

builder.mutationField('createGroup', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: CreateGroupResult,
    description: 'Makes a group, with the viewer as its owner.',
    args: { input: t.arg({ type: CreateGroupInput, required: true, description: 'The group to make.' }) },
    resolve: (_, { input }, scope) => createGroup(scope, input),
  }),
);
