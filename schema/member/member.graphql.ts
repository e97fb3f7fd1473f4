import { UserRef, ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { NotAddedRef } from '../group/group.graphql.ts';
import { incomingId, type MemberId } from '../ids.ts';
import { pageComplexity } from '../page.ts';
import { resultOf } from '../refusal.graphql.ts';
import { type AddMembersPayload, addMembers } from './add-members.ts';
import { type LeaveChannelPayload, leaveChannel } from './leave-channel.ts';
import { type Member, membersOf, visibleMembers } from './member.ts';
import { type RemoveMemberPayload, removeMember } from './remove-member.ts';
import { type SetMemberRolePayload, setMemberRole } from './set-member-role.ts';

const RoleEnum = builder.enumType('Role', {
  description: 'What a member may do.',
  values: {
    OWNER: { description: 'Everything, and giving roles.' },
    ADMIN: { description: "Deleting others' messages, removing members, changing name and topic." },
    MEMBER: { description: 'Talking, and adding people.' },
  },
});

const sameForAll = { sameForAll: true };

/** Loads by `MemberId` the present members of channels that the viewer is in. */
export const MemberRef = builder.loadableNode('Member', {
  description: 'A person in a channel, now.',
  id: {
    description: 'Not that of the `user`. The same again when the person comes back.',
    extensions: sameForAll,
    resolve: (member: Member) => member.id,
    parse: incomingId,
  },
  load: (ids: MemberId[], scope) => visibleMembers(scope, ids),
  toKey: (member: Member) => member.id,
  sort: true,
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      description: 'Who this is.',
      extensions: sameForAll,
      resolve: ({ user, userId }) => user ?? userId,
    }),
    role: t.expose('role', { type: RoleEnum, description: 'What they may do.', extensions: sameForAll }),
    joinedAt: t.expose('joinedAt', {
      type: 'DateTime',
      description: 'When they were added; the last time, if more than once.',
      extensions: sameForAll,
    }),
  }),
});

const MemberEdge = builder.edgeObject({
  name: 'MemberEdge',
  description: 'A member in a list.',
  type: MemberRef,
});
const MemberConnection = builder.connectionObject(
  { name: 'MemberConnection', description: 'A page of members.', type: MemberRef },
  MemberEdge,
);

builder.objectField(ChannelRef, 'members', (t) =>
  t.connection(
    {
      type: MemberRef,
      description: 'Owners first, then admins, then by joining. At most 100 a page, 50 when not said.',
      complexity: pageComplexity,
      resolve: (channel, args, scope) => membersOf(scope, channel.id, args),
    },
    MemberConnection,
  ),
);

const AddMembersInput = builder.inputType('AddMembersInput', {
  description: 'All that may be added are; if that would pass the limit, nobody is (`CHANNEL_FULL`).',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'The group.' }),
    userIds: t.idList({ required: true, description: 'Whom to add.' }),
  }),
});
const AddMembersPayloadRef = builder.objectRef<AddMembersPayload>('AddMembersPayload').implement({
  description: 'All that may be added were.',
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, description: 'The group.', resolve: ({ channel }) => channel }),
    added: t.field({ type: [MemberRef], description: 'Who was added.', resolve: ({ added }) => [...added] }),
    notAdded: t.field({
      type: [NotAddedRef],
      description: 'Who was not, and why.',
      resolve: ({ notAdded }) => [...notAdded],
    }),
  }),
});
const AddMembersResult = resultOf('AddMembersResult', AddMembersPayloadRef);

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  description: 'Whom to remove, and from where.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'The group.' }),
    userId: t.id({ required: true, description: 'Whom to remove.' }),
  }),
});
const RemoveMemberPayloadRef = builder.objectRef<RemoveMemberPayload>('RemoveMemberPayload').implement({
  description: 'They are no member any more.',
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, description: 'The group.', resolve: ({ channel }) => channel }),
    memberId: t.exposeID('memberId', { description: 'The member who is gone.' }),
  }),
});
const RemoveMemberResult = resultOf('RemoveMemberResult', RemoveMemberPayloadRef);

const SetMemberRoleInput = builder.inputType('SetMemberRoleInput', {
  description: 'Whom to give which role, and where. The role that they have already changes nothing.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'The group.' }),
    userId: t.id({ required: true, description: 'Whose role: that of the viewer, too.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'The role to give.' }),
  }),
});
const SetMemberRolePayloadRef = builder.objectRef<SetMemberRolePayload>('SetMemberRolePayload').implement({
  description: 'They have this role now.',
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, description: 'The group.', resolve: ({ channel }) => channel }),
    member: t.field({ type: MemberRef, description: 'As they are now.', resolve: ({ member }) => member }),
  }),
});
const SetMemberRoleResult = resultOf('SetMemberRoleResult', SetMemberRolePayloadRef);

const LeaveChannelInput = builder.inputType('LeaveChannelInput', {
  description: 'What to leave.',
  fields: (t) => ({ channelId: t.id({ required: true, description: 'The group.' }) }),
});
const LeaveChannelPayloadRef = builder.objectRef<LeaveChannelPayload>('LeaveChannelPayload').implement({
  description: 'The viewer is no member any more.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'The group that was left.' }),
    viewer: t.field({ type: ViewerRef, description: 'The viewer.', resolve: ({ viewer }) => viewer }),
  }),
});
const LeaveChannelResult = resultOf('LeaveChannelResult', LeaveChannelPayloadRef);

builder.mutationFields((t) => ({
  addMembers: t.withAuth({ signedIn: true }).field({
    type: AddMembersResult,
    description: 'Adds people to a group, as every member of it may.',
    args: { input: t.arg({ type: AddMembersInput, required: true, description: 'Whom, and where.' }) },
    resolve: (_, { input }, scope) => addMembers(scope, input),
  }),
  removeMember: t.withAuth({ signedIn: true }).field({
    type: RemoveMemberResult,
    description: 'Removes somebody from a group: owners may remove admins and members, admins members.',
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: 'Whom, and where.' }) },
    resolve: (_, { input }, scope) => removeMember(scope, input),
  }),
  setMemberRole: t.withAuth({ signedIn: true }).field({
    type: SetMemberRoleResult,
    description:
      'Gives a member of a group a role, as its owners may. To hand a group over, make somebody else an owner, then step down ' +
      'or leave: the last owner cannot (`LAST_OWNER`).',
    args: { input: t.arg({ type: SetMemberRoleInput, required: true, description: 'Whom, and which.' }) },
    resolve: (_, { input }, scope) => setMemberRole(scope, input),
  }),
  leaveChannel: t.withAuth({ signedIn: true }).field({
    type: LeaveChannelResult,
    description: 'Leaves a group. The last owner cannot, unless alone: then the group ends, for good.',
    args: { input: t.arg({ type: LeaveChannelInput, required: true, description: 'What to leave.' }) },
    resolve: (_, { input }, scope) => leaveChannel(scope, input),
  }),
}));
