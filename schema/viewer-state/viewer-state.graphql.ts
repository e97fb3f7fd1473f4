import { ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { idPrefix } from '../ids.ts';
import { MemberRef } from '../member/member.graphql.ts';
import { resultOf } from '../refusal.graphql.ts';
import { archiveChannel } from './archive-channel.ts';
import { muteChannel } from './mute-channel.ts';
import { unarchiveChannel } from './unarchive-channel.ts';
import { unmuteChannel } from './unmute-channel.ts';
import { type ViewerState, type ViewerStateChanged, viewerStateIn } from './viewer-state.ts';

export const ViewerStateRef = builder.objectRef<ViewerState>('ViewerState').implement({
  description: 'What concerns only the viewer in this channel.',
  fields: (t) => ({
    id: t.id({
      description: 'One per viewer and channel.',
      resolve: ({ member }) => idPrefix.ViewerState + member.id.slice(idPrefix.Member.length),
    }),
    member: t.field({ type: MemberRef, description: 'Role and joining.', resolve: ({ member }) => member }),
    isMuted: t.exposeBoolean('isMuted', {
      description:
        'The viewer wants no notice of what is said here. False again when `mutedUntil` has passed: no event tells that, so ' +
        'let a timer of your own end with it.',
    }),
    mutedUntil: t.expose('mutedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the muting ends by itself; null when it is for good, and when there is none.',
    }),
    isArchived: t.exposeBoolean('isArchived', {
      description: 'The viewer has put it away. It stays so when messages come, until `unarchiveChannel`.',
    }),
  }),
});

builder.objectField(ChannelRef, 'viewerState', (t) =>
  t.field({
    type: ViewerStateRef,
    description: 'What concerns only the viewer.',
    resolve: (channel, _, scope) => viewerStateIn(scope, channel.id),
  }),
);

const payloadOf = (name: `${string}Payload`, description: string) =>
  builder.objectRef<ViewerStateChanged>(name).implement({
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

const inputOf = (name: `${string}Input`, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ channelId: t.id({ required: true, description: 'A channel of the viewer.' }) }),
  });

const MuteChannelInput = builder.inputType('MuteChannelInput', {
  description: 'What to mute, and for how long.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'A channel of the viewer.' }),
    until: t.field({
      type: 'DateTime',
      description: 'When it ends by itself: later than now. Without it, the muting is for good.',
    }),
  }),
});
const MuteChannelPayloadRef = payloadOf('MuteChannelPayload', 'The channel is muted.');
const MuteChannelResult = resultOf('MuteChannelResult', MuteChannelPayloadRef);

const UnmuteChannelInput = inputOf('UnmuteChannelInput', 'What not to mute any more.');
const UnmuteChannelPayloadRef = payloadOf('UnmuteChannelPayload', 'The channel is not muted.');
const UnmuteChannelResult = resultOf('UnmuteChannelResult', UnmuteChannelPayloadRef);

const ArchiveChannelInput = inputOf('ArchiveChannelInput', 'What to put away.');
const ArchiveChannelPayloadRef = payloadOf('ArchiveChannelPayload', 'The channel is archived.');
const ArchiveChannelResult = resultOf('ArchiveChannelResult', ArchiveChannelPayloadRef);

const UnarchiveChannelInput = inputOf('UnarchiveChannelInput', 'What to take out again.');
const UnarchiveChannelPayloadRef = payloadOf('UnarchiveChannelPayload', 'The channel is not archived.');
const UnarchiveChannelResult = resultOf('UnarchiveChannelResult', UnarchiveChannelPayloadRef);

builder.mutationFields((t) => ({
  muteChannel: t.withAuth({ signedIn: true }).field({
    type: MuteChannelResult,
    description: 'Mutes a channel on all devices of the viewer; nobody else learns of it.',
    args: { input: t.arg({ type: MuteChannelInput, required: true, description: 'What, and how long.' }) },
    resolve: (_, { input }, scope) => muteChannel(scope, input),
  }),
  unmuteChannel: t.withAuth({ signedIn: true }).field({
    type: UnmuteChannelResult,
    description: 'Ends the muting of a channel, on all devices of the viewer.',
    args: { input: t.arg({ type: UnmuteChannelInput, required: true, description: 'Which channel.' }) },
    resolve: (_, { input }, scope) => unmuteChannel(scope, input),
  }),
  archiveChannel: t.withAuth({ signedIn: true }).field({
    type: ArchiveChannelResult,
    description:
      'Puts a channel away, on all devices of the viewer; nobody else learns of it. The viewer stays a member and hears of ' +
      'everything, and the channel stays archived when messages come.',
    args: { input: t.arg({ type: ArchiveChannelInput, required: true, description: 'Which channel.' }) },
    resolve: (_, { input }, scope) => archiveChannel(scope, input),
  }),
  unarchiveChannel: t.withAuth({ signedIn: true }).field({
    type: UnarchiveChannelResult,
    description: 'Takes a channel out of the archive, on all devices of the viewer.',
    args: { input: t.arg({ type: UnarchiveChannelInput, required: true, description: 'Which channel.' }) },
    resolve: (_, { input }, scope) => unarchiveChannel(scope, input),
  }),
}));
