import type { Channel as ChannelRow } from '../../prisma/generated/client/client.ts';
import { batched } from '../batched.ts';
import { type ChannelId, channelIdOf, rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Head } from '../ports/event-log.ts';
import type { Channel as ChannelOfMember, Membership } from '../ports/memberships.ts';
import type { Scope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { isCoMember } from './co-members.ts';

/** A channel as everybody in it sees it. Whether one of two people has blocked the other is known with their memberships. */
export type Channel = Omit<ChannelOfMember, 'isBlocked'>;

export const channelOfRow = ({
  id,
  createdAt,
  endedAt,
  directLowId,
  directHighId,
  ...row
}: ChannelRow): Channel => ({
  id: channelIdOf(id),
  kind: row.kind,
  name: row.name,
  topic: row.topic,
  createdAt: createdAt.getTime(),
  historyVisibility: row.historyVisibility,
  hasEnded: endedAt !== null,
  memberCount: row.memberCount,
  ownerCount: row.ownerCount,
  pair:
    directLowId === null || directHighId === null ? null : [userIdOf(directLowId), userIdOf(directHighId)],
});

const rowOf = batched<ChannelId, Channel>(async ({ prisma }, ids) => {
  const rows = await prisma.channel.findMany({ where: { id: { in: ids.map(rowIdOf.channel) } } });
  return new Map(rows.map((row) => [channelIdOf(row.id), channelOfRow(row)]));
});

/** The viewer's membership in a channel as of now; undefined for who never was a member, and for nobody. */
export const viewerMembershipIn = batched<ChannelId, Membership>(async ({ stream, viewer }, ids) => {
  const memberships = viewer ? await stream.memberships.of(viewer.id, ids) : [];
  return new Map(memberships.map((membership) => [membership.channelId, membership]));
});

/** A channel whoever asks: for those who know already that the viewer may see it. What a membership brought along serves. */
export function channelOf(scope: Scope, id: ChannelId): Soon<Channel | undefined> {
  const membership = scope.sharedView === undefined ? viewerMembershipIn(scope, id) : undefined;
  return whenThere(membership, (found) => found?.channel ?? rowOf(scope, id));
}

/** Whether the viewer is a member of a channel now. Who was just added sees nothing before the log has it. */
export const isViewerIn = (scope: Scope, id: ChannelId): Soon<boolean> =>
  whenThere(viewerMembershipIn(scope, id), (membership) => joinedSeqOf(membership) !== undefined);

/** The same, also while an event is made for several viewers at once: such an event goes to members only. */
export const seesChannel = (scope: Scope, id: ChannelId): Soon<boolean> =>
  scope.sharedView !== undefined || isViewerIn(scope, id);

/** Those of these channels that the viewer is a member of now, in no order. */
export async function channelsOf(scope: Scope, ids: readonly ChannelId[]): Promise<Channel[]> {
  const found = await Promise.all(
    ids.map(async (id) => ((await isViewerIn(scope, id)) ? channelOf(scope, id) : undefined)),
  );
  return found.filter((channel) => channel !== undefined);
}

/** Where the log of a channel ends, whoever asks. */
export const headOf = batched<ChannelId, Head>(
  async ({ stream }, ids) => (await stream.history.heads(ids)).heads,
);

/** How many people are in a channel; 0 for who is not in it any more. */
export const memberCountOf = (scope: Scope, { id, memberCount }: Channel): Soon<number> =>
  whenThere(seesChannel(scope, id), (isSeen) => (isSeen ? memberCount : 0));

/** The other person of a direct channel; null in a group, and for who is in neither place of it. */
export function directPeerOf(scope: Scope, { pair }: Channel): UserId | null {
  const { viewer } = scope;
  if (pair === null || viewer === undefined || !pair.includes(viewer.id)) return null;
  const peer = pair.find((userId) => userId !== viewer.id) ?? null;
  if (peer !== null) isCoMember.prime(scope, peer, true);
  return peer;
}

/** The number of the newest message; 0 before the first, and for who is not in the channel any more. */
export const lastNumberOf = (scope: Scope, id: ChannelId): Soon<number> =>
  whenThere(seesChannel(scope, id), (isSeen) =>
    isSeen ? whenThere(headOf(scope, id), (head) => head?.messageCount ?? 0) : 0,
  );
