import type { ChannelAbilitiesFieldsFragment, MemberFieldsFragment, Role } from '../gql/graphql.ts';
import { reasonOf } from '../people/person.ts';

export const roleNames: Readonly<Record<Role, string>> = { OWNER: 'Owner', ADMIN: 'Admin', MEMBER: 'Member' };
const rank: Readonly<Record<Role, number>> = { OWNER: 0, ADMIN: 1, MEMBER: 2 };

export type MemberShown = MemberFieldsFragment;

/** Owners first, then admins, then by joining: as the server does, also when an event has changed a role or brought somebody. */
export const inOrder = (members: readonly MemberShown[]): MemberShown[] =>
  members.toSorted((a, b) => rank[a.role] - rank[b.role] || Date.parse(a.joinedAt) - Date.parse(b.joinedAt));

/** Who looks at a member, and what they may do in the group. */
export type Looking = {
  readonly viewerId: string;
  readonly viewerRole: Role;
  readonly viewerCan: ChannelAbilitiesFieldsFragment;
  readonly ownerCount: number;
};

/** Why this member cannot be removed; undefined when they can. Owners may remove admins and members, admins members. */
export function reasonNotToRemove(
  member: MemberShown,
  { viewerRole, viewerCan }: Looking,
): string | undefined {
  if (!viewerCan.removeMembers.isAllowed) return 'Only owners and admins remove people.';
  if (member.role === 'OWNER')
    return viewerRole === 'OWNER'
      ? 'Owners cannot be removed: give them another role first.'
      : 'Owners cannot be removed.';
  return member.role === 'ADMIN' && viewerRole === 'ADMIN' ? 'Only owners remove admins.' : undefined;
}

/** Why this member cannot get this role; undefined when they can. */
export function reasonNotToGive(role: Role, member: MemberShown, looking: Looking): string | undefined {
  const { setRoles } = looking.viewerCan;
  if (!setRoles.isAllowed)
    return setRoles.code === 'ROLE_TOO_LOW' ? 'Only owners give roles.' : reasonOf(setRoles);
  const isLastOwner = member.role === 'OWNER' && looking.ownerCount === 1;
  return isLastOwner && role !== 'OWNER'
    ? 'A group needs an owner: make somebody else one first.'
    : undefined;
}

/** Why the viewer cannot change the group; undefined when they can. */
export const reasonNotToUpdate = ({ update }: ChannelAbilitiesFieldsFragment): string | undefined =>
  update.code === 'ROLE_TOO_LOW' ? 'Owners and admins can change this.' : reasonOf(update);

type Numbers = {
  readonly memberCount: number;
  readonly viewerCan: ChannelAbilitiesFieldsFragment;
  /** Undefined as long as it is not known. */
  readonly limit: number | undefined;
};

/**
 * Why nobody can be added; undefined when somebody can. Others come and go without news of what the viewer can do then, so whether
 * there is room is counted here.
 */
export function reasonNotToAdd({
  memberCount,
  viewerCan: { addMembers },
  limit,
}: Numbers): string | undefined {
  const isOfRoom = addMembers.isAllowed || addMembers.code === 'CHANNEL_FULL';
  if (!isOfRoom || limit === undefined) return reasonOf(addMembers);
  return memberCount < limit
    ? undefined
    : `The group is full: it can have ${limit} people. There is room again when somebody leaves.`;
}

type Leaving = {
  readonly viewerCan: ChannelAbilitiesFieldsFragment;
  readonly memberCount: number;
  readonly viewerState: { readonly member: { readonly role: Role } };
};

/** Why the viewer cannot leave; undefined when they can. Who else is an owner changes without news, so that is counted here, too. */
export function reasonNotToLeave(
  { viewerCan: { leave }, memberCount, viewerState }: Leaving,
  members: readonly MemberShown[],
): string | undefined {
  const isOfOwners = leave.isAllowed || leave.code === 'LAST_OWNER';
  if (!isOfOwners) return reasonOf(leave);
  const ownerCount = members.filter(({ role }) => role === 'OWNER').length;
  const isLast = ownerCount === 0 ? !leave.isAllowed : ownerCount === 1 && memberCount > 1;
  return viewerState.member.role === 'OWNER' && isLast
    ? 'You are the last owner. Make somebody else an owner first: the menu beside their name does that. Then you can leave.'
    : undefined;
}
