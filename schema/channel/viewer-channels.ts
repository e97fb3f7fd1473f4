import { type ChannelId, rowIdOf } from '../ids.ts';
import { type Page, type PageArgs, pageOfList } from '../page.ts';
import type { Scope, Viewer } from '../scope.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { type Channel, channelOf, headOf } from './channel.ts';

type Place = { readonly id: ChannelId; readonly key: string };

/** Sorts newest activity first: a fixed-width time that grows backwards, then the id. */
const timeDigits = 11;
const latest = 32 ** timeDigits - 1;
const keyOf = (lastActivityAt: number, id: ChannelId) =>
  `${(latest - lastActivityAt).toString(32).padStart(timeDigits, '0')}.${rowIdOf.channel(id).toString(32).padStart(13, '0')}`;

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The viewer's channels, last activity first. At most 1,000 exist per person, so their heads are sorted here. */
export async function viewerChannels(scope: Scope, viewer: Viewer, args: PageArgs): Promise<Page<Channel>> {
  const { memberships } = await scope.stream.memberships.feedOf(viewer.id, 0);
  const present = memberships.filter((membership) => joinedSeqOf(membership) !== undefined);
  const places = await Promise.all(
    present.map(async ({ channelId }): Promise<Place> => {
      const head = await headOf(scope, channelId);
      return { id: channelId, key: keyOf(head?.lastCreatedAt ?? 0, channelId) };
    }),
  );
  const sorted = places.sort((a, b) => compare(a.key, b.key));
  const page = pageOfList(sorted, args, { keyOf: ({ key }) => key, compare });
  const edges = await Promise.all(
    page.edges.map(async ({ cursor, node }) => {
      const channel = await channelOf(scope, node.id);
      if (channel === undefined) throw new Error('A member of a channel that has no row.');
      return { cursor, node: channel };
    }),
  );
  return { edges, pageInfo: page.pageInfo };
}
