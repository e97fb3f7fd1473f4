import { changeAsMember } from '../channel/change-as-member.ts';
import { type Channel, channelOf } from '../channel/channel.ts';
import { standingOf } from '../channel/standing.ts';
import type { ChannelId, MemberId, UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import { denied, type Refusal, type Verdict } from '../verdict.ts';
import { canRemoveMember } from './member.policy.ts';
import { memberIdFor } from './member.ts';

export type RemoveMemberInput = { readonly channelId: ChannelId; readonly userId: UserId };
export type RemoveMemberPayload = { readonly channel: Channel; readonly memberId: MemberId };

/** Removes somebody from a group: they see nothing that comes after the removal. */
export async function removeMember(
  scope: ViewerScope,
  { channelId, userId }: RemoveMemberInput,
): Promise<RemoveMemberPayload | Refusal> {
  const by = scope.viewer.id;
  const verdict = await changeAsMember(scope, { channelId, candidates: [userId] }, (roster) =>
    removeFromRoster(roster, by, userId),
  );
  if (verdict === undefined) return denied('NOT_FOUND');
  if (!verdict.allowed) return verdict;
  const [channel, memberId] = await Promise.all([
    channelOf(scope, channelId),
    memberIdFor(scope, `${channelId}|${userId}`),
  ]);
  if (channel === undefined || memberId === undefined)
    throw new Error('A member who was just removed has no row.');
  return { channel, memberId };
}

/** Whether somebody goes. Pure. */
export function removeFromRoster(roster: Roster, by: UserId, userId: UserId): MembershipDecision<Verdict> {
  const target = { role: standingOf(roster, userId).role, isSelf: by === userId };
  const verdict = canRemoveMember(standingOf(roster, by), target);
  return { changes: verdict.allowed ? [{ kind: 'REMOVED', userId, state: 'REMOVED' }] : [], result: verdict };
}
