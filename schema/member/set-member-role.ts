import { changeAsMember } from '../channel/change-as-member.ts';
import { type Channel, channelOf } from '../channel/channel.ts';
import { ownerCountOf, standingOf } from '../channel/standing.ts';
import type { ChannelId, UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import type { Role } from '../stream/event.ts';
import { denied, type Refusal, type Verdict } from '../verdict.ts';
import { canSetMemberRole } from './member.policy.ts';
import { type Member, memberById, memberIdFor } from './member.ts';

export type SetMemberRoleInput = {
  readonly channelId: ChannelId;
  readonly userId: UserId;
  readonly role: Role;
};
export type SetMemberRolePayload = { readonly channel: Channel; readonly member: Member };

/** Gives a member a role. A group is handed over by making somebody else an owner, then stepping down or leaving. */
export async function setMemberRole(
  scope: ViewerScope,
  { channelId, userId, role }: SetMemberRoleInput,
): Promise<SetMemberRolePayload | Refusal> {
  const by = scope.viewer.id;
  const verdict = await changeAsMember(scope, { channelId, candidates: [userId] }, (roster) =>
    setRoleInRoster(roster, by, { userId, role }),
  );
  if (verdict === undefined) return denied('NOT_FOUND');
  if (!verdict.allowed) return verdict;
  const [channel, memberId] = await Promise.all([
    channelOf(scope, channelId),
    memberIdFor(scope, `${channelId}|${userId}`),
  ]);
  const member = memberId && (await memberById(scope, memberId));
  if (channel === undefined) throw new Error('A group whose member was just given a role is gone.');
  // Somebody else removed them in the meantime: the role went with them.
  return member ? { channel, member } : denied('NOT_A_MEMBER');
}

/** Whether a role changes. Pure. */
export function setRoleInRoster(
  roster: Roster,
  by: UserId,
  { userId, role }: { readonly userId: UserId; readonly role: Role },
): MembershipDecision<Verdict> {
  const from = standingOf(roster, userId).role;
  const ownerCount = ownerCountOf(roster);
  const verdict = canSetMemberRole(standingOf(roster, by), { from, to: role, ownerCount });
  const changes = verdict.allowed && from !== role;
  return { changes: changes ? [{ kind: 'ROLE_CHANGED', userId, role }] : [], result: verdict };
}
