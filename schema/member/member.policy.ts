import type { Standing } from '../channel/channel.policy.ts';
import { canHold } from '../group/group.policy.ts';
import type { Role } from '../stream/event.ts';
import { allowed, denied, type Verdict } from '../verdict.ts';

/** May they add people, so that there are `memberCount` then? Every member of a group may, as long as they fit. */
export function canAddMembers(
  { kind, hasEnded, role }: Standing,
  memberCount: number,
  membersPerGroup: number,
): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (kind === 'DIRECT') return denied('NOT_A_GROUP');
  return hasEnded ? denied('CHANNEL_ENDED') : canHold(memberCount, membersPerGroup);
}

/** Whom something is to be done to: `role` undefined when that is no member. */
export type Target = { readonly role: Role | undefined; readonly isSelf: boolean };

/** Some other member without a role: whoever may remove anybody may remove that one. */
export const someMember: Target = { role: 'MEMBER', isSelf: false };

/**
 * May they remove that member? Owners may remove admins and members, admins may remove members; another owner nobody. Going is
 * leaving: removing oneself is no way round its rules.
 */
export function canRemoveMember({ kind, role }: Standing, target: Target): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (kind === 'DIRECT') return denied('NOT_A_GROUP');
  if (target.role === undefined) return denied('NOT_A_MEMBER');
  if (target.isSelf) return denied('ROLE_TOO_LOW');
  if (role === 'OWNER') return target.role === 'OWNER' ? denied('ROLE_TOO_LOW') : allowed;
  return role === 'ADMIN' && target.role === 'MEMBER' ? allowed : denied('ROLE_TOO_LOW');
}

/** How many there are. */
export type Counts = { readonly ownerCount: number; readonly memberCount: number };

/** May they leave? The last owner only when nobody else is there; a direct channel is archived instead. */
export function canLeave({ kind, role }: Standing, { ownerCount, memberCount }: Counts): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (kind === 'DIRECT') return denied('NOT_A_GROUP');
  return role === 'OWNER' && ownerCount === 1 && memberCount > 1 ? denied('LAST_OWNER') : allowed;
}

/** May they give roles at all? Owners may. */
export function canSetRoles({ kind, hasEnded, role }: Standing): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (kind === 'DIRECT') return denied('NOT_A_GROUP');
  if (hasEnded) return denied('CHANNEL_ENDED');
  return role === 'OWNER' ? allowed : denied('ROLE_TOO_LOW');
}

/** A role that somebody is to get; `from` undefined when that is no member. */
export type RoleChange = {
  readonly from: Role | undefined;
  readonly to: Role;
  readonly ownerCount: number;
};

/**
 * May they give that role? An owner may give any role to anybody, other owners too; but a group keeps an owner, also when its
 * only one is alone in it: nobody else could ever give a role again.
 */
export function canSetMemberRole(standing: Standing, { from, to, ownerCount }: RoleChange): Verdict {
  const verdict = canSetRoles(standing);
  if (!verdict.allowed) return verdict;
  if (from === undefined) return denied('NOT_A_MEMBER');
  return from === 'OWNER' && to !== 'OWNER' && ownerCount === 1 ? denied('LAST_OWNER') : allowed;
}
