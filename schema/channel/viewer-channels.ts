import { type ChannelId, rowIdOf } from '../ids.ts';
import { type Page, type PageArgs, pageOfList } from '../page.ts';
import type { Membership } from '../ports/memberships.ts';
import type { Scope, Viewer } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import type { SyncPoint } from '../stream/stream.ts';
import { syncPointIn } from '../take-sync-cursor-first.ts';
import { type Channel, channelOf, headOf, viewerMembershipIn } from './channel.ts';
import { unreadIn } from './progress.ts';

/** What is not given, or null, leaves nothing out. */
export type ChannelFilter = {
  readonly kind?: Channel['kind'] | null;
  readonly isArchived?: boolean | null;
  readonly hasUnread?: boolean | null;
};
export type ViewerChannelsArgs = PageArgs & { readonly filter?: ChannelFilter | null };

type Place = { readonly id: ChannelId; readonly key: string };

/** Ten digits in base 32 hold every time up to the year 37,000, and the difference is exact: it is below 2^53. */
const timeDigits = 10;
const endOfTime = 32 ** timeDigits - 1;
const keyForm = /^[0-9a-v]{10}\.[0-9a-v]{13}$/;

/** Sorts newest activity first: a time of fixed width that grows backwards, then the channel's number. */
function keyOf(lastActivityAt: number, id: ChannelId): string {
  const time = (endOfTime - lastActivityAt).toString(32).padStart(timeDigits, '0');
  return `${time}.${rowIdOf.channel(id).toString(32).padStart(13, '0')}`;
}

/**
 * Is what the operation's cursor has read of this channel still true at the cursor? Its rows were read before its head. Where the log
 * did not go on since their positions were written, nothing came in between; else they are read again, as the cursor would pass over
 * what they do not show.
 */
const isOfCursor = ({ heads }: SyncPoint, { channelId, progress }: Membership): boolean =>
  (heads.get(channelId)?.head ?? 0) === progress.appliedSeq;

/** All channels that the viewer is in. What the operation's cursor read, or else reads now, serves those who ask about one of them too. */
export async function presentMemberships(scope: Scope, viewer: Viewer): Promise<Membership[]> {
  const point = await syncPointIn(scope);
  const { memberships } = point ?? (await scope.stream.memberships.feedOf(viewer.id, 0));
  for (const membership of memberships)
    if (point === undefined || isOfCursor(point, membership))
      viewerMembershipIn.prime(scope, membership.channelId, membership);
  for (const [channelId, head] of point?.heads ?? []) headOf.prime(scope, channelId, head);
  return memberships.filter((membership) => joinedSeqOf(membership) !== undefined);
}

const passes = ({ own, channel }: Membership, { kind, isArchived }: ChannelFilter): boolean =>
  (kind ?? channel.kind) === channel.kind && (isArchived ?? own.isArchived) === own.isArchived;

/** Something to read, or marked to come back to. */
const isUnread = (scope: Scope, { channelId, own }: Membership): Soon<boolean> =>
  own.isMarkedUnread || whenThere(unreadIn(scope, channelId), (count) => count > 0);

async function withUnread(
  scope: Scope,
  memberships: readonly Membership[],
  hasUnread: boolean | null | undefined,
): Promise<readonly Membership[]> {
  if (typeof hasUnread !== 'boolean') return memberships;
  const unread = await Promise.all(memberships.map((membership) => isUnread(scope, membership)));
  return memberships.filter((_, index) => unread[index] === hasUnread);
}

/**
 * The viewer's channels, last activity first. At most 1,000 exist per person, so their heads are sorted here. A cursor names a
 * place in that order whatever the filter, so it stays good when a channel comes into the filter or falls out of it.
 */
export async function viewerChannels(
  scope: Scope,
  viewer: Viewer,
  { filter, ...args }: ViewerChannelsArgs,
): Promise<Page<Channel>> {
  const all = await presentMemberships(scope, viewer);
  const passing = all.filter((membership) => passes(membership, filter ?? {}));
  const present = await withUnread(scope, passing, filter?.hasUnread);
  const places = await Promise.all(
    present.map(({ channelId }) =>
      whenThere(headOf(scope, channelId), (head): Place => {
        return { id: channelId, key: keyOf(head?.lastCreatedAt ?? 0, channelId) };
      }),
    ),
  );
  const page = pageOfList(places, args, { keyOf: ({ key }) => key, keyForm });
  const edges = await Promise.all(
    page.edges.map(({ cursor, node }) =>
      whenThere(channelOf(scope, node.id), (channel) => {
        if (channel === undefined) throw new Error('A member of a channel that has no row.');
        return { cursor, node: channel };
      }),
    ),
  );
  return { edges, pageInfo: page.pageInfo };
}
