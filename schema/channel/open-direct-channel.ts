import { isBlockedWith, relationTo, type User, usersOf } from '../account/users.ts';
import { type ChannelId, channelIdOf, rowIdOf, type UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { allowed, invalidInput, type Refusal, type Verdict } from '../verdict.ts';
import { canJoin, canOpenDirect, type Peer } from './channel.policy.ts';
import { type Channel, viewerMembershipIn } from './channel.ts';

export type OpenDirectChannelInput = { readonly userId: UserId };
export type OpenDirectChannelPayload = { readonly channel: Channel };

/** Opens the one channel of two people, for ever the same: also when both do at once, and again after a crash half-way. */
export async function openDirectChannel(
  scope: ViewerScope,
  { userId }: OpenDirectChannelInput,
): Promise<OpenDirectChannelPayload | Refusal> {
  const { viewer, stream, limits } = scope;
  if (userId === viewer.id) return invalidInput('MALFORMED', 'userId', 'That is you: choose somebody else.');
  const [user] = await usersOf(scope, [userId]);
  const verdict = canOpenDirect(peerOf(user));
  if (!verdict.allowed) return verdict;
  const pair = [viewer.id, userId] as const;
  const channelId = await keepChannel(scope, pair);
  const known = await channelJoined(scope, channelId);
  if (known) return { channel: known };
  const opened = await stream.changeMembership(channelId, { by: viewer.id, candidates: pair }, (roster) =>
    openForPair(roster, pair, limits.channelsPerUser),
  );
  if (opened?.allowed === false) return opened;
  const channel = await channelJoined(scope, channelId);
  if (channel === undefined) throw new Error('A direct channel that was just opened is not there.');
  return { channel };
}

/** Somebody as the rule asks about them; undefined when there is nobody. */
export const peerOf = (user: User | undefined): Peer => ({
  exists: user !== undefined,
  isSelf: user !== undefined && relationTo(user).isSelf,
  isBlocked: user !== undefined && isBlockedWith(user),
});

/** The row comes first and is found again by its pair: whatever happens next can be repeated. */
async function keepChannel(
  { prisma, viewer, clock }: ViewerScope,
  [one, other]: readonly [UserId, UserId],
): Promise<ChannelId> {
  const [a, b] = [rowIdOf.user(one), rowIdOf.user(other)];
  const pair = { directLowId: a < b ? a : b, directHighId: a < b ? b : a };
  const find = { where: { directLowId_directHighId: pair }, select: { id: true } };
  const known = await prisma.channel.findUnique(find);
  if (known) return channelIdOf(known.id);
  const row = {
    ...pair,
    kind: 'DIRECT',
    // Both were there from its first message on, so nothing is hidden from either.
    historyVisibility: 'ALL',
    createdById: rowIdOf.user(viewer.id),
    createdAt: new Date(clock.now()),
  } as const;
  // Not `upsert`: of two that come at once it lets one fail.
  await prisma.channel.createMany({ data: [row], skipDuplicates: true });
  return channelIdOf((await prisma.channel.findUniqueOrThrow(find)).id);
}

/** The channel, when the viewer is in it as the log has it: then the other one is too, for both join at once and nobody leaves. */
async function channelJoined(scope: ViewerScope, channelId: ChannelId): Promise<Channel | undefined> {
  const [membership] = await scope.stream.memberships.of(scope.viewer.id, [channelId]);
  if (membership === undefined || joinedSeqOf(membership) === undefined) return undefined;
  viewerMembershipIn.prime(scope, channelId, membership);
  return membership.channel;
}

/** Whether the two become members of their channel, if they are not. Both, or nobody. Pure; the first of the pair opens it. */
export function openForPair(
  { members, candidates }: Roster,
  pair: readonly [UserId, UserId],
  channelsPerUser: number,
): MembershipDecision<Verdict> {
  const missing = pair.filter((userId) => !members.some((member) => member.userId === userId));
  const peer = candidates.get(pair[1]);
  // Asked again, now that nobody can block anybody in the meantime.
  const reached = canOpenDirect({
    exists: peer !== undefined,
    isSelf: false,
    isBlocked: peer?.isBlocked ?? false,
  });
  const joined = missing.map((id) => canJoin(candidates.get(id)?.channelCount ?? 0, channelsPerUser));
  const refused = [reached, ...joined].find((verdict) => !verdict.allowed);
  if (refused) return { changes: [], result: refused };
  return {
    changes: missing.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })),
    result: allowed,
  };
}
