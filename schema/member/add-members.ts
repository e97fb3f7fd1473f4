import { changeAsMember } from '../channel/change-as-member.ts';
import { type Channel, channelOf } from '../channel/channel.ts';
import { standingOf } from '../channel/standing.ts';
import { canAddCandidate, canHold, type NotAdded } from '../group/group.policy.ts';
import type { ChannelId, UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import { type Denied, denied, type Refusal, type RefusalCode } from '../verdict.ts';
import { canAddMembers } from './member.policy.ts';
import { type Member, memberById, memberIdFor } from './member.ts';

export type AddMembersInput = { readonly channelId: ChannelId; readonly userIds: readonly UserId[] };
export type AddMembersPayload = {
  readonly channel: Channel;
  readonly added: readonly Member[];
  readonly notAdded: readonly NotAdded[];
};
type Added = { readonly added: readonly UserId[]; readonly notAdded: readonly NotAdded[] };

/** Adds people to a group: all that may be added; nobody when that would be too many. */
export async function addMembers(
  scope: ViewerScope,
  input: AddMembersInput,
): Promise<AddMembersPayload | Refusal> {
  const userIds = [...new Set(input.userIds)];
  // More than a group can hold cannot be right, and is not worth locking that many people.
  if (!canHold(userIds.length, scope.limits.membersPerGroup).allowed) return denied('CHANNEL_FULL');
  const by = scope.viewer.id;
  const made = await changeAsMember(scope, { ...input, candidates: userIds }, (roster) =>
    addToRoster(roster, { by, userIds }, scope.limits),
  );
  if (made === undefined) return denied('NOT_FOUND');
  if ('allowed' in made) return made;
  const channel = await channelOf(scope, input.channelId);
  if (channel === undefined) throw new Error('A channel that people were just added to is gone.');
  return { channel, added: await membersFor(scope, input.channelId, made.added), notAdded: made.notAdded };
}

/** Who of these becomes a member, and why the others do not. Pure. */
export function addToRoster(
  roster: Roster,
  { by, userIds }: { readonly by: UserId; readonly userIds: readonly UserId[] },
  limits: ViewerScope['limits'],
): MembershipDecision<Added | Denied> {
  const added: UserId[] = [];
  const notAdded: NotAdded[] = [];
  for (const userId of userIds) {
    const code = whyNot(roster, userId, limits);
    if (code === undefined) added.push(userId);
    else notAdded.push({ userId, code });
  }
  const memberCount = roster.members.length + added.length;
  const verdict = canAddMembers(standingOf(roster, by), memberCount, limits.membersPerGroup);
  if (!verdict.allowed) return { changes: [], result: verdict };
  return {
    changes: added.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })),
    result: { added, notAdded },
  };
}

function whyNot(roster: Roster, userId: UserId, limits: ViewerScope['limits']): RefusalCode | undefined {
  const isMember = roster.members.some((member) => member.userId === userId);
  const verdict = canAddCandidate(roster.candidates.get(userId), isMember, limits.channelsPerUser);
  return verdict.allowed ? undefined : verdict.code;
}

/** Those of them who are still members. */
async function membersFor(
  scope: ViewerScope,
  channelId: ChannelId,
  userIds: readonly UserId[],
): Promise<Member[]> {
  const found = await Promise.all(
    userIds.map(async (userId) => {
      const memberId = await memberIdFor(scope, `${channelId}|${userId}`);
      return memberId && memberById(scope, memberId);
    }),
  );
  return found.filter((member) => member !== undefined);
}
