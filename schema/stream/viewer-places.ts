import { randomUUID } from 'node:crypto';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { ContactMoved } from '../ports/contacts.ts';
import type { FeedPage, Membership } from '../ports/memberships.ts';
import type { FeedRow } from './begin-places.ts';
import { type ChannelPlace, unknownPlace } from './channel-place.ts';
import { type FeedNews, readNews, withContacts } from './contact-news.ts';
import type { Place } from './cursor.ts';
import type { Delivery, ResetReason } from './delivery.ts';
import type { Feed } from './feeds.ts';
import { createFollows, type Follows, type ReaderDeps } from './follows.ts';
import { leftSeqOf } from './intervals.ts';

/** The user feed's side of a reader: which of its rows were sent. */
type FeedState = {
  epoch: number;
  /** Everything up to here was sent. */
  sent: number;
  /** Everything up to here was read. */
  read: number;
  /** What was read and is still to be sent, in version order. */
  rows: readonly FeedRow[];
  reset: ResetReason | undefined;
  /** The feed's news that were read. */
  news: number;
  /** The newest epoch for which the rows were read: hubs may hear of a restore before the feed does. */
  lookedFor: number;
};

/** Where one viewer is, in the user feed and in the log of each channel, and what that is as a cursor. */
export interface ViewerPlaces {
  readonly state: FeedState;
  readonly follows: Follows;
  /** Places of the cursor in channels that cannot be followed yet, because the log does not have the viewer's rejoining. */
  readonly unsettled: Map<ChannelId, ChannelPlace>;
  /** Rows that say the viewer has left, while the removal itself is still to come in the log. */
  readonly leaving: Map<ChannelId, { readonly version: number; readonly leftSeq: Seq }>;
  /** All of the viewer's memberships. Hubs must not be of an older epoch than these: they would show what was lost. */
  readAll(): Promise<FeedPage>;
  /** What of the viewer's changed after this version. */
  readBehind(version: number): Promise<FeedNews>;
  /** The same page, with the contacts that changed after this version. */
  withContacts(page: FeedPage, version: number): Promise<FeedNews>;
  /** Follows at the place of the cursor, when the viewer was not told since that the channel is gone; else from the joining. */
  startFrom(row: Membership): Promise<void>;
  /** What a row says to its viewer. */
  viewerChannel(row: Membership, isMember: boolean): Delivery;
  /** What the viewer has towards somebody changed. */
  contactChanged(moved: ContactMoved): Delivery;
  /** The viewer's own things changed at this version of the feed. */
  viewerChanged(feedVersion: number): Delivery;
  viewerReset(reason: ResetReason): Delivery;
  /** Complete: names what was sent. */
  cursor(): string;
}

export function createViewerPlaces(
  deps: ReaderDeps & { readonly feed: Feed },
  userId: UserId,
  onNews: () => void,
): ViewerPlaces {
  const { feed, hubs, codec, clock, memberships } = deps;
  const state: FeedState = {
    ...{ epoch: 0, sent: 0, read: 0, rows: [], reset: undefined },
    ...{ news: feed.news, lookedFor: 0 },
  };
  const unsettled: ViewerPlaces['unsettled'] = new Map();
  const leaving: ViewerPlaces['leaving'] = new Map();
  const follows = createFollows(deps, userId, { onNews, goneOf });

  /** Up to where the feed has been told: not beyond a leaving that the log is still to tell. */
  function toldOf(version: number): number {
    let told = version;
    for (const [channelId, row] of leaving) {
      const follow = follows.get(channelId);
      if (follow === undefined || follow.pos >= row.leftSeq) leaving.delete(channelId);
      else told = Math.min(told, row.version - 1);
    }
    return told;
  }

  const feedBase = (version: number) => ({
    cursor: codec.feed(state.epoch, userId, toldOf(version)),
    at: clock.now(),
  });
  /** Not what a row said, so it has no id that a row could have had. */
  function goneOf(channelId: ChannelId): Delivery {
    const eventId = randomUUID();
    return { type: 'viewer.channel', channelId, isMember: false, eventId, ...feedBase(state.sent) };
  }

  return {
    ...{ state, follows, unsettled, leaving },
    async readAll() {
      const page = await memberships.feedOf(userId, 0);
      hubs.sawEpoch(page.epoch);
      feed.saw(page);
      return page;
    },
    readBehind: (version) => readNews(deps, userId, version),
    withContacts: (page, version) => withContacts(deps, userId, { page, after: version }),
    async startFrom(row) {
      const { channelId } = row;
      await follows.start(row, unsettled.get(channelId) ?? 'joining');
      if (follows.get(channelId) !== undefined || leftSeqOf(row) !== undefined) unsettled.delete(channelId);
    },
    viewerChannel({ channelId, feedVersion }, isMember) {
      const eventId = `${state.epoch}.${userId}.${feedVersion}.${channelId}`;
      return { type: 'viewer.channel', channelId, isMember, eventId, ...feedBase(feedVersion) };
    },
    contactChanged({ otherId, feedVersion }) {
      const eventId = `${state.epoch}.${userId}.${feedVersion}.${otherId}`;
      return { type: 'contact.changed', userId: otherId, eventId, ...feedBase(feedVersion) };
    },
    viewerChanged: (feedVersion) => ({
      ...{ type: 'viewer.changed', eventId: `${state.epoch}.${userId}.${feedVersion}` },
      ...feedBase(feedVersion),
    }),
    viewerReset(reason) {
      deps.observer?.onReset(reason);
      return { type: 'viewer.reset', reason, eventId: randomUUID(), ...feedBase(state.sent) };
    },
    cursor() {
      const { epoch, reset, sent } = state;
      const atOf = (place: Place) => (place.epoch === epoch ? place.at : unknownPlace);
      const named = (channelId: ChannelId, { log, positions }: ChannelPlace) =>
        [channelId, atOf(log), atOf(positions)] as const;
      const followed = [...follows.all()].map((follow) => named(follow.channelId, follows.placeOf(follow)));
      const waiting = [...unsettled].map(([channelId, place]) => named(channelId, place));
      const told = reset === undefined ? toldOf(sent) : unknownPlace;
      return codec.complete(userId, { epoch, feed: told, channels: [...followed, ...waiting] });
    },
  };
}
