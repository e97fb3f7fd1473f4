import { changeAsMember } from '../channel/change-as-member.ts';
import { type Channel, channelOf } from '../channel/channel.ts';
import { standingOf } from '../channel/standing.ts';
import type { ChannelId, UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import type { ChannelUpdate } from '../stream/event.ts';
import { denied, type Refusal, type Verdict } from '../verdict.ts';
import { canUpdateGroup, checkUpdate, type GroupUpdate } from './group.policy.ts';

export type UpdateGroupInput = GroupUpdate & { readonly channelId: ChannelId };
export type UpdateGroupPayload = { readonly channel: Channel };

/** Changes what a group is called, what it is about, and what its members see. What is so already is no change. */
export async function updateGroup(
  scope: ViewerScope,
  { channelId, ...wanted }: UpdateGroupInput,
): Promise<UpdateGroupPayload | Refusal> {
  const invalid = checkUpdate(wanted);
  if (invalid) return invalid;
  const by = scope.viewer.id;
  const verdict = await changeAsMember(scope, { channelId, candidates: [] }, (roster) =>
    updateInRoster(roster, by, wanted),
  );
  if (verdict === undefined) return denied('NOT_FOUND');
  if (!verdict.allowed) return verdict;
  const channel = await channelOf(scope, channelId);
  if (channel === undefined) throw new Error('A group that was just changed is gone.');
  return { channel };
}

/** Whether a group changes, and what of it. Pure. */
export function updateInRoster(roster: Roster, by: UserId, wanted: GroupUpdate): MembershipDecision<Verdict> {
  const verdict = canUpdateGroup(standingOf(roster, by));
  return verdict.allowed
    ? { changes: [], update: differenceOf(roster.channel, wanted), result: verdict }
    : { changes: [], result: verdict };
}

/** What is given and not so already. */
function differenceOf(channel: Channel, wanted: GroupUpdate): ChannelUpdate {
  const name = wanted.name?.trim() || channel.name;
  const topic = wanted.topic === undefined ? channel.topic : wanted.topic?.trim() || null;
  const historyVisibility = wanted.historyVisibility ?? channel.historyVisibility;
  return {
    ...(name !== null && name !== channel.name && { name }),
    ...(topic !== channel.topic && { topic }),
    ...(historyVisibility !== channel.historyVisibility && { historyVisibility }),
  };
}
