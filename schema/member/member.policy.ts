import type { Role } from '../stream/event.ts';
import { allowed, denied, type Verdict } from '../verdict.ts';

/** How somebody stands in a channel; `role` undefined for who is no member. */
export type Standing = {
  readonly kind: 'DIRECT' | 'GROUP';
  readonly hasEnded: boolean;
  readonly role: Role | undefined;
};

/** May they add people? Every member of a group may; a direct channel is for two, always. */
export function canAddMembers({ kind, hasEnded, role }: Standing): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (hasEnded) return denied('CHANNEL_ENDED');
  return kind === 'DIRECT' ? denied('CHANNEL_FULL') : allowed;
}

/** Whom somebody wants to remove: `role` undefined when that is no member. */
export type Target = { readonly role: Role | undefined; readonly isSelf: boolean };

/**
 * May they remove that member? Owners may remove admins and members, admins may remove members; another owner nobody. Going is
 * leaving: removing oneself is no way round its rules.
 */
export function canRemoveMember({ kind, role }: Standing, target: Target): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (target.role === undefined) return denied('NOT_A_MEMBER');
  if (kind === 'DIRECT' || target.isSelf) return denied('ROLE_TOO_LOW');
  if (role === 'OWNER') return target.role === 'OWNER' ? denied('ROLE_TOO_LOW') : allowed;
  return role === 'ADMIN' && target.role === 'MEMBER' ? allowed : denied('ROLE_TOO_LOW');
}

/** May they leave? The last owner only when nobody else is there; a direct channel is archived instead. */
export function canLeave(
  { kind, role }: Standing,
  { ownerCount, memberCount }: { readonly ownerCount: number; readonly memberCount: number },
): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (kind === 'DIRECT') return denied('ROLE_TOO_LOW');
  return role === 'OWNER' && ownerCount === 1 && memberCount > 1 ? denied('LAST_OWNER') : allowed;
}
