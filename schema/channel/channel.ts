import type {
  ChannelKind,
  Channel as ChannelRow,
  HistoryVisibility,
} from '../../prisma/generated/client/client.ts';
import { batched } from '../batched.ts';
import { type ChannelId, channelIdOf, rowIdOf } from '../ids.ts';
import type { Head } from '../ports/event-log.ts';
import type { Membership } from '../ports/memberships.ts';
import type { Scope } from '../scope.ts';
import { joinedSeqOf } from '../stream/intervals.ts';

/** A place where people talk, as its row has it. */
export type Channel = {
  readonly id: ChannelId;
  readonly kind: ChannelKind;
  readonly name: string | null;
  readonly topic: string | null;
  readonly createdAt: Date;
  readonly historyVisibility: HistoryVisibility;
};

export const channelOfRow = ({
  id,
  kind,
  name,
  topic,
  createdAt,
  historyVisibility,
}: ChannelRow): Channel => ({
  id: channelIdOf(id),
  kind,
  name,
  topic,
  createdAt,
  historyVisibility,
});

/** A channel whoever asks: for those who know already that the viewer may see it. */
export const channelOf = batched<ChannelId, Channel>(async ({ prisma }, ids) => {
  const rows = await prisma.channel.findMany({ where: { id: { in: ids.map(rowIdOf.channel) } } });
  return new Map(rows.map((row) => [channelIdOf(row.id), channelOfRow(row)]));
});

/** The viewer's membership in a channel as of now; undefined for who never was a member, and for nobody. */
export const viewerMembershipIn = batched<ChannelId, Membership>(async ({ stream, viewer }, ids) => {
  const memberships = viewer ? await stream.memberships.of(viewer.id, ids) : [];
  return new Map(memberships.map((membership) => [membership.channelId, membership]));
});

/** Those of these channels that the viewer is a member of now, in no order. Who was just added sees nothing before the log has it. */
export async function channelsOf(scope: Scope, ids: readonly ChannelId[]): Promise<Channel[]> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const isSeen = joinedSeqOf(await viewerMembershipIn(scope, id)) !== undefined;
      return isSeen ? channelOf(scope, id) : undefined;
    }),
  );
  return found.filter((channel) => channel !== undefined);
}

/** Where the log of a channel ends. */
export const headOf = batched<ChannelId, Head>(
  async ({ stream }, ids) => (await stream.history.heads(ids)).heads,
);

/** How many people are in it. */
export const memberCountOf = batched<ChannelId, number>(async ({ prisma }, ids) => {
  const groups = await prisma.member.groupBy({
    by: ['channelId'],
    where: { channelId: { in: ids.map(rowIdOf.channel) }, state: 'ACTIVE' },
    _count: { _all: true },
  });
  return new Map(groups.map(({ channelId, _count }) => [channelIdOf(channelId), _count._all]));
});
