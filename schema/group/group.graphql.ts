import { builder } from '../builder.ts';
import { ChannelRef, HistoryVisibilityEnum } from '../channel/channel.graphql.ts';
import { resultOf } from '../refusal.graphql.ts';
import { refusals } from '../verdict.ts';
import { type CreateGroupPayload, createGroup } from './create-group.ts';
import type { NotAdded } from './group.policy.ts';
import { type UpdateGroupPayload, updateGroup } from './update-group.ts';

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

const UpdateGroupInput = builder.inputType('UpdateGroupInput', {
  description:
    'What to change. What is not given stays as it is; the same again changes nothing, and nobody hears of it.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'The group.' }),
    name: t.string({
      description: 'One line of 1 to 100 characters. A group has a name, so `null` is refused (`EMPTY`).',
    }),
    topic: t.string({ description: 'At most 500 characters; `null` or an empty text removes it.' }),
    historyVisibility: t.field({
      type: HistoryVisibilityEnum,
      description:
        'Of everybody who is in it, at once: `ALL` shows them what was there before their joining, `FROM_JOINING` hides it ' +
        'again. `null` is refused (`EMPTY`).',
    }),
  }),
});
const UpdateGroupPayloadRef = builder.objectRef<UpdateGroupPayload>('UpdateGroupPayload').implement({
  description: 'The group is like this now.',
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, description: 'The group.', resolve: ({ channel }) => channel }),
  }),
});
const UpdateGroupResult = resultOf('UpdateGroupResult', UpdateGroupPayloadRef);

builder.mutationFields((t) => ({
  createGroup: t.withAuth({ signedIn: true }).field({
    type: CreateGroupResult,
    description: 'Makes a group, with the viewer as its owner.',
    args: { input: t.arg({ type: CreateGroupInput, required: true, description: 'The group to make.' }) },
    extensions: { looksFirst: true },
    resolve: (_, { input }, scope) => createGroup(scope, input),
  }),
  updateGroup: t.withAuth({ signedIn: true }).field({
    type: UpdateGroupResult,
    description: 'Changes name, topic or history visibility of a group, as its owners and admins may.',
    args: { input: t.arg({ type: UpdateGroupInput, required: true, description: 'What to change.' }) },
    resolve: (_, { input }, scope) => updateGroup(scope, input),
  }),
}));
