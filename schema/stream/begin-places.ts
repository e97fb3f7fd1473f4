import type { ChannelId, UserId } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import type { ChannelPlace } from './channel-place.ts';
import { type FeedNews, readNews, withContacts } from './contact-news.ts';
import type { Place, Position } from './cursor.ts';
import type { ResetReason } from './delivery.ts';
import { renewFollow } from './follow.ts';
import { dropFollow, placeOf, resetFollows, startFollow } from './follows.ts';
import { joinedSeqOf, leftSeqOf } from './intervals.ts';
import { readAll, startFrom, type Unsettled, type ViewerPlaces } from './viewer-places.ts';

/** A place of a store that is no more. */
const lost: Place = { epoch: -1, at: 0 };
const lostPlace: ChannelPlace = { log: lost, positions: lost };

/** One piece of news in the user feed: a membership, a contact, or the user's own things. */
export type FeedRow =
  | { readonly type: 'membership'; readonly feedVersion: number; readonly membership: Membership }
  | { readonly type: 'contact'; readonly feedVersion: number; readonly otherId: UserId }
  | { readonly type: 'viewer'; readonly feedVersion: number };

/** What of a page is news for who has been told everything up to `after`, in version order. Where contacts are too many, see `resetOf`. */
export function rowsIn(
  { memberships, contacts = [], viewerVersion }: FeedNews,
  after: number,
): readonly FeedRow[] {
  const rows: FeedRow[] = memberships.map((membership) => {
    return { type: 'membership', feedVersion: membership.feedVersion, membership };
  });
  rows.push(...contacts.map((moved): FeedRow => ({ type: 'contact', ...moved })));
  rows.push({ type: 'viewer', feedVersion: viewerVersion });
  return rows.filter(({ feedVersion }) => feedVersion > after).sort((a, b) => a.feedVersion - b.feedVersion);
}

/** Why a place in the user feed cannot be continued from; undefined when it can. */
export function resetOf(place: Place, page: FeedNews): ResetReason | undefined {
  if (place.epoch !== page.epoch || place.at > page.version) return 'LOG_RESTORED';
  if (place.at < page.minVersion) return 'EXPIRED';
  return page.contacts === undefined ? 'TOO_FAR_BEHIND' : undefined;
}

/** Everything from now on. */
export async function beginNow(places: ViewerPlaces): Promise<void> {
  const { deps, userId, follows, state } = places;
  const page = await readAll(places);
  await Promise.all(page.memberships.map((row) => startFollow(follows, row, 'now')));
  // Rows change before the log does: a removal that "now" has passed over, and that nobody would meet, is in here.
  const since = await readNews(deps, userId, page.version);
  for (const row of since.memberships) if (joinedSeqOf(row) === undefined) dropFollow(follows, row.channelId);
  const rows = rowsIn(since, page.version);
  const reset = since.contacts === undefined ? 'TOO_FAR_BEHIND' : undefined;
  Object.assign(state, { epoch: page.epoch, sent: page.version, read: since.version, rows, reset });
}

/** Everything behind these places. */
export async function resume(places: ViewerPlaces, position: Position): Promise<void> {
  const { deps, userId, follows, state } = places;
  const page = await readAll(places);
  const placeIn = ({ channelId }: Membership): ChannelPlace | undefined => {
    const [log, positions] = [position.channels.get(channelId), position.positions.get(channelId)];
    return log && { log, positions: positions ?? { epoch: log.epoch, at: 0 } };
  };
  await Promise.all(page.memberships.map((row) => startFollow(follows, row, placeIn(row) ?? 'joining')));
  // One place beyond its log says that the whole cursor is of a store that is no more.
  const isLost = [...follows.all.values()].some(({ reset }) => reset === 'LOG_RESTORED');
  const news = await withContacts(deps, userId, { page, after: position.feed.at });
  const reset = isLost ? 'LOG_RESTORED' : resetOf(position.feed, news);
  if (reset === 'LOG_RESTORED') resetFollows(follows);
  places.unsettled = page.memberships.flatMap((row): Unsettled[] => {
    const { channelId } = row;
    const place = placeIn(row);
    const waits = place && !follows.all.has(channelId) && leftSeqOf(row) === undefined;
    return waits ? [{ channelId, place }] : [];
  });
  if (reset === 'LOG_RESTORED') loseAll(places, position.channels.keys());
  const sent = reset === undefined ? position.feed.at : page.version;
  const rows = reset === undefined ? rowsIn(news, sent) : [];
  Object.assign(state, { epoch: page.epoch, read: page.version, sent, rows, reset });
}

/** The feed cannot be continued: every membership is taken anew, and the viewer is to be told so. */
export async function restart(places: ViewerPlaces, reset: ResetReason): Promise<void> {
  const { follows, state } = places;
  const page = await readAll(places);
  const rows = new Map(page.memberships.map((row) => [row.channelId, row]));
  const waiting = [...places.unsettled];
  const held = [...follows.all.keys(), ...waiting.map(({ channelId }) => channelId)];
  for (const follow of [...follows.all.values()]) {
    const row = rows.get(follow.channelId);
    if (row !== undefined && joinedSeqOf(row) !== undefined) {
      renewFollow(follow, row);
      continue;
    }
    if (row !== undefined && leftSeqOf(row) === undefined)
      waiting.push({ channelId: follow.channelId, place: placeOf(follows, follow) });
    dropFollow(follows, follow.channelId);
  }
  places.unsettled = waiting.filter(({ channelId }) => rows.has(channelId));
  places.leaving = [];
  await Promise.all(page.memberships.map((row) => startFrom(places, row)));
  if (reset === 'LOG_RESTORED') {
    resetFollows(follows);
    loseAll(places, held);
  }
  Object.assign(state, { epoch: page.epoch, read: page.version, sent: page.version, rows: [], reset });
}

/**
 * What the client holds of these channels may never have happened. Whoever is in one of them no more drops it with the list that they
 * read anew, unless they are added again before they have read that: then this is said first.
 */
function loseAll(places: ViewerPlaces, channelIds: Iterable<ChannelId>): void {
  const gone = new Set([...channelIds].filter((channelId) => !places.follows.all.has(channelId)));
  const others = places.unsettled.filter(({ channelId }) => !gone.has(channelId));
  places.unsettled = [...others, ...[...gone].map((channelId) => ({ channelId, place: lostPlace }))];
}
