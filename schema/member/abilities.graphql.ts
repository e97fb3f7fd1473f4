import { isBlockedWith, relationTo } from '../account/users.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { UserAbilitiesRef } from '../contact/contact.graphql.ts';
import { canBeAdded, canUpdateGroup } from '../group/group.policy.ts';
import { VerdictRef } from '../refusal.graphql.ts';
import { abilitiesIn, type ChannelAbilities } from './abilities.ts';
import { canAddMembers, canLeave, canRemoveMember, canSetRoles, someMember } from './member.policy.ts';

/** Slices behind this one add what they let the viewer do. */
export const ChannelAbilitiesRef = builder.objectRef<ChannelAbilities>('ChannelAbilities').implement({
  description: 'What the viewer may do in a channel, by the same rules that the mutations ask.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Never changes.' }),
    addMembers: t.field({
      type: VerdictRef,
      description: 'Add somebody more, with `addMembers`. Whether a person can be added is another question.',
      resolve: ({ standing, channel }, _, { limits }) =>
        canAddMembers(standing, channel.memberCount + 1, limits.membersPerGroup),
    }),
    removeMembers: t.field({
      type: VerdictRef,
      description: 'Remove others whose role is MEMBER, with `removeMember`. Owners may remove admins, too.',
      resolve: ({ standing }) => canRemoveMember(standing, someMember),
    }),
    update: t.field({
      type: VerdictRef,
      description: 'Change name, topic and history visibility, with `updateGroup`.',
      resolve: ({ standing }) => canUpdateGroup(standing),
    }),
    leave: t.field({
      type: VerdictRef,
      description: 'Leave, with `leaveChannel`.',
      resolve: ({ standing, channel }) => canLeave(standing, channel),
    }),
    setRoles: t.field({
      type: VerdictRef,
      description:
        'Give roles, with `setMemberRole`. The last owner may, but cannot give up being one (`LAST_OWNER`).',
      resolve: ({ standing }) => canSetRoles(standing),
    }),
  }),
});

builder.objectField(ChannelRef, 'viewerCan', (t) =>
  t.field({
    type: ChannelAbilitiesRef,
    description: 'What the viewer may do here, now.',
    resolve: (channel, _, scope) => abilitiesIn(scope, channel),
  }),
);

builder.objectField(UserAbilitiesRef, 'addToGroup', (t) =>
  t.field({
    type: VerdictRef,
    description:
      'Add them to a group that the viewer is in, or makes, with `addMembers` or `createGroup`. Whether they are in it already, ' +
      'or in too many channels, is found out by that.',
    resolve: (user) =>
      canBeAdded({ exists: true, isMember: relationTo(user).isSelf, isBlocked: isBlockedWith(user) }),
  }),
);
