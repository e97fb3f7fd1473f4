import { changeAsMember } from '../channel/change-as-member.ts';
import { ownerCountOf, standingOf } from '../channel/standing.ts';
import type { ChannelId, UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { denied, type Refusal, type Verdict } from '../verdict.ts';
import { canLeave } from './member.policy.ts';

export type LeaveChannelInput = { readonly channelId: ChannelId };
export type LeaveChannelPayload = { readonly channelId: ChannelId; readonly viewer: Viewer };

/** Leaves a group. With the last member the group ends, for good. */
export async function leaveChannel(
  scope: ViewerScope,
  { channelId }: LeaveChannelInput,
): Promise<LeaveChannelPayload | Refusal> {
  const { viewer } = scope;
  const verdict = await changeAsMember(scope, { channelId, candidates: [viewer.id] }, (roster) =>
    leaveRoster(roster, viewer.id),
  );
  if (verdict === undefined) return denied('NOT_FOUND');
  return verdict.allowed ? { channelId, viewer } : verdict;
}

/** Whether somebody goes, and whether the group goes with them. Pure. */
export function leaveRoster(roster: Roster, userId: UserId): MembershipDecision<Verdict> {
  const { members } = roster;
  const counts = { ownerCount: ownerCountOf(roster), memberCount: members.length };
  const verdict = canLeave(standingOf(roster, userId), counts);
  return {
    changes: verdict.allowed ? [{ kind: 'REMOVED', userId, state: 'LEFT' }] : [],
    endsChannel: verdict.allowed && members.length === 1,
    result: verdict,
  };
}
