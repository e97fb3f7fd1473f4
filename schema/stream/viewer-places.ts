import { randomUUID } from 'node:crypto';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { ContactMoved } from '../ports/contacts.ts';
import type { FeedPage, Membership } from '../ports/memberships.ts';
import type { FeedRow } from './begin-places.ts';
import { type ChannelPlace, unknownPlace } from './channel-place.ts';
import type { Place } from './cursor.ts';
import type { Delivery, ResetReason } from './delivery.ts';
import type { Feed } from './feeds.ts';
import { createFollows, type Follows, placeOf, type ReaderDeps, startFollow } from './follows.ts';
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

/** Where one viewer is, in the user feed and in the log of each channel. As `Follows`, something that functions are called with. */
export type ViewerPlaces = {
  readonly deps: ReaderDeps;
  readonly userId: UserId;
  readonly feed: Feed;
  readonly state: FeedState;
  readonly follows: Follows;
  /** Places of the cursor in channels that cannot be followed yet, because the log does not have the viewer's rejoining. */
  unsettled: readonly Unsettled[];
  /** Rows that say the viewer has left, while the removal itself is still to come in the log. */
  leaving: readonly Leaving[];
};

// Both are empty nearly always, which for a Map would be two hundred bytes.
export type Unsettled = { readonly channelId: ChannelId; readonly place: ChannelPlace };
export type Leaving = { readonly channelId: ChannelId; readonly version: number; readonly leftSeq: Seq };

type Opened = Pick<ViewerPlaces, 'userId' | 'feed'> & { readonly onNews: () => void };

export function createViewerPlaces(deps: ReaderDeps, { userId, feed, onNews }: Opened): ViewerPlaces {
  const places: ViewerPlaces = {
    deps,
    userId,
    feed,
    state: {
      epoch: 0,
      sent: 0,
      read: 0,
      rows: [],
      reset: undefined,
      news: feed.news(),
      lookedFor: 0,
    },
    follows: createFollows(deps, userId, { onNews, goneOf: (channelId) => gone(places, channelId) }),
    unsettled: [],
    leaving: [],
  };
  return places;
}

/** All of the viewer's memberships. Hubs must not be of an older epoch than these: they would show what was lost. */
export async function readAll({ deps, userId, feed }: ViewerPlaces): Promise<FeedPage> {
  const page = await deps.memberships.feedOf(userId, 0);
  deps.hubs.sawEpoch(page.epoch);
  feed.saw(page);
  return page;
}

/** Follows at the place of the cursor, when the viewer was not told since that the channel is gone; else from the joining. */
export async function startFrom(places: ViewerPlaces, row: Membership): Promise<void> {
  const { follows, unsettled } = places;
  const { channelId } = row;
  const waiting = unsettled.find((one) => one.channelId === channelId);
  await startFollow(follows, row, waiting?.place ?? 'joining');
  if (follows.all.has(channelId) || leftSeqOf(row) !== undefined) settle(places, channelId);
}

/** Of this channel no place waits any more. */
export function settle(places: ViewerPlaces, channelId: ChannelId): void {
  places.unsettled = places.unsettled.filter((one) => one.channelId !== channelId);
}

/** Up to where the feed has been told: not beyond a leaving that the log is still to tell. */
function toldOf(places: ViewerPlaces, version: number): number {
  const isStillToCome = ({ channelId, leftSeq }: Leaving) =>
    (places.follows.all.get(channelId)?.pos ?? leftSeq) < leftSeq;
  places.leaving = places.leaving.filter(isStillToCome);
  return Math.min(version, ...places.leaving.map((row) => row.version - 1));
}

function feedBase(places: ViewerPlaces, version: number) {
  const { deps, state, userId } = places;
  const cursor = deps.codec.feed(state.epoch, userId, toldOf(places, version));
  return { cursor, at: deps.clock.now() };
}

const feedId = ({ state, userId }: ViewerPlaces, version: number) => `${state.epoch}.${userId}.${version}`;

/** Not what a row said, so it has no id that a row could have had. */
function gone(places: ViewerPlaces, channelId: ChannelId): Delivery {
  const eventId = randomUUID();
  const base = feedBase(places, places.state.sent);
  return { type: 'viewer.channel', channelId, isMember: false, eventId, ...base };
}

/** What a row says to its viewer. */
export function viewerChannel(places: ViewerPlaces, row: Membership, isMember: boolean): Delivery {
  const { channelId, feedVersion } = row;
  const eventId = `${feedId(places, feedVersion)}.${channelId}`;
  return { type: 'viewer.channel', channelId, isMember, eventId, ...feedBase(places, feedVersion) };
}

/** What the viewer has towards somebody changed. */
export function contactChanged(places: ViewerPlaces, { otherId, feedVersion }: ContactMoved): Delivery {
  const eventId = `${feedId(places, feedVersion)}.${otherId}`;
  return { type: 'contact.changed', userId: otherId, eventId, ...feedBase(places, feedVersion) };
}

/** The viewer's own things changed at this version of the feed. */
export function viewerChanged(places: ViewerPlaces, feedVersion: number): Delivery {
  const eventId = feedId(places, feedVersion);
  return { type: 'viewer.changed', eventId, ...feedBase(places, feedVersion) };
}

export function viewerReset(places: ViewerPlaces, reason: ResetReason): Delivery {
  places.deps.observer?.onReset(reason);
  return { type: 'viewer.reset', reason, eventId: randomUUID(), ...feedBase(places, places.state.sent) };
}

/** Complete: names what was sent. */
export function cursorOf(places: ViewerPlaces): string {
  const { deps, userId, follows, unsettled } = places;
  const { epoch, reset, sent } = places.state;
  const atOf = (place: Place) => (place.epoch === epoch ? place.at : unknownPlace);
  const named = (channelId: ChannelId, { log, positions }: ChannelPlace) =>
    [channelId, atOf(log), atOf(positions)] as const;
  const followed = [...follows.all.values()].map((follow) =>
    named(follow.channelId, placeOf(follows, follow)),
  );
  const waiting = unsettled.map(({ channelId, place }) => named(channelId, place));
  const told = reset === undefined ? toldOf(places, sent) : unknownPlace;
  return deps.codec.complete(userId, { epoch, feed: told, channels: [...followed, ...waiting] });
}
