import { randomUUID } from 'node:crypto';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { FeedPage, Membership } from '../ports/memberships.ts';
import type { Place, Position } from './cursor.ts';
import type { Delivery, ResetReason } from './delivery.ts';
import type { Feed, Feeds } from './feeds.ts';
import { renewFollow } from './follow.ts';
import { createFollows, type ReaderDeps, unknownPlace } from './follows.ts';
import { joinedSeqOf, leftSeqOf } from './intervals.ts';

/**
 * One viewer's place in everything that concerns them: the user feed and the log of each channel, merged. Nothing is
 * queued: a place per feed, and what was taken from one of them last.
 */
export interface Places {
  /** The next event; undefined when there is none now. When it rejects, nothing was passed over: pull again. */
  pull(): Promise<Delivery | undefined>;
  /** Complete: names what was sent. */
  cursor(): string;
  /** How many channels the cursor names. */
  channelCount(): number;
  close(): void;
}

/** The user feed's side of a reader: which of its rows were sent. */
type FeedState = {
  epoch: number;
  /** Everything up to here was sent. */
  sent: number;
  /** Everything up to here was read. */
  read: number;
  /** What was read and is still to be sent, in version order. */
  rows: readonly Membership[];
  reset: ResetReason | undefined;
  /** The feed's news that were read. */
  news: number;
};

/** A place of a log that is no more. */
const lostPlace: Place = { epoch: -1, at: 0 };

const byVersion = (a: Membership, b: Membership) => a.feedVersion - b.feedVersion;

/** Why a place in the user feed cannot be continued from; undefined when it can. */
function resetOf(place: Place, page: FeedPage): ResetReason | undefined {
  if (place.epoch !== page.epoch || place.at > page.version) return 'LOG_RESTORED';
  return place.at < page.minVersion ? 'EXPIRED' : undefined;
}

/** `position` undefined: from now. `onNews` tells that pulling makes sense again. */
export async function openPlaces(
  deps: ReaderDeps & { readonly feeds: Feeds },
  { userId, position }: { readonly userId: UserId; readonly position: Position | undefined },
  onNews: () => void,
): Promise<Places> {
  const { feed, release } = await deps.feeds.attach(userId);
  const places = createPlaces({ ...deps, feed }, userId, onNews);
  const close = () => {
    feed.listeners.delete(onNews);
    release();
    places.close();
  };
  feed.listeners.add(onNews);
  try {
    await (position === undefined ? places.beginNow() : places.resume(position));
    return { ...places, close };
  } catch (failure) {
    close();
    throw failure;
  }
}

function createPlaces(deps: ReaderDeps & { readonly feed: Feed }, userId: UserId, onNews: () => void) {
  const { feed, hubs, codec, clock, memberships, rules } = deps;
  const state: FeedState = { epoch: 0, sent: 0, read: 0, rows: [], reset: undefined, news: feed.news };
  /** Places of the cursor in channels that cannot be followed yet, because the log does not have the viewer's rejoining. */
  const unsettled = new Map<ChannelId, Place>();
  /** Rows that say the viewer has left, while the removal itself is still to come in the log. */
  const leaving = new Map<ChannelId, { readonly version: number; readonly leftSeq: Seq }>();
  const follows = createFollows(deps, userId, { onNews, goneOf: (channelId) => gone(channelId) });

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
  function viewerChannel({ channelId, feedVersion }: Membership, isMember: boolean): Delivery {
    const eventId = `${state.epoch}.${userId}.${feedVersion}.${channelId}`;
    return { type: 'viewer.channel', channelId, isMember, eventId, ...feedBase(feedVersion) };
  }
  /** Not what a row said, so it has no id that a row could have had. */
  function gone(channelId: ChannelId): Delivery {
    const eventId = randomUUID();
    return { type: 'viewer.channel', channelId, isMember: false, eventId, ...feedBase(state.sent) };
  }

  /** All of the viewer's rows. Hubs must not be of an older epoch than these: they would show what was lost. */
  async function readAll(): Promise<FeedPage> {
    const page = await memberships.feedOf(userId, 0);
    hubs.sawEpoch(page.epoch);
    return page;
  }

  async function beginNow(): Promise<void> {
    const page = await readAll();
    await Promise.all(page.memberships.map((row) => follows.start(row, 'now')));
    // Rows change before the log does: a removal that "now" has passed over, and that nobody would meet, is in here.
    const since = await memberships.feedOf(userId, page.version);
    for (const row of since.memberships) if (joinedSeqOf(row) === undefined) follows.drop(row.channelId);
    const rows = [...since.memberships].sort(byVersion);
    Object.assign(state, { epoch: page.epoch, sent: page.version, read: since.version, rows });
    if (resetOf({ epoch: page.epoch, at: page.version }, since) !== undefined) state.news = -1; // to be read again
  }

  async function resume(position: Position): Promise<void> {
    const page = await readAll();
    const placeIn = ({ channelId }: Membership) => position.channels.get(channelId);
    await Promise.all(page.memberships.map((row) => follows.start(row, placeIn(row) ?? 'joining')));
    // One place beyond its log says that the whole cursor is of a store that is no more.
    const isLost = [...follows.all()].some(({ reset }) => reset === 'LOG_RESTORED');
    const reset = isLost ? 'LOG_RESTORED' : resetOf(position.feed, page);
    if (reset === 'LOG_RESTORED') follows.resetAll();
    for (const row of page.memberships) {
      const place = placeIn(row);
      const waits = place && follows.get(row.channelId) === undefined && leftSeqOf(row) === undefined;
      if (waits) unsettled.set(row.channelId, reset === 'LOG_RESTORED' ? lostPlace : place);
    }
    const sent = reset === undefined ? position.feed.at : page.version;
    const isNews = (row: Membership) => reset === undefined && row.feedVersion > sent;
    const rows = page.memberships.filter(isNews).sort(byVersion);
    Object.assign(state, { epoch: page.epoch, read: page.version, sent, rows, reset });
  }

  /** At the place of the cursor, when the viewer was not told since that the channel is gone; else at the joining. */
  async function startFrom(row: Membership): Promise<void> {
    await follows.start(row, unsettled.get(row.channelId) ?? 'joining');
    if (follows.get(row.channelId) !== undefined || leftSeqOf(row) !== undefined)
      unsettled.delete(row.channelId);
  }

  /** Takes one row's news; the answer is what the viewer is told, if anything. */
  async function takeRow(row: Membership): Promise<Delivery | undefined> {
    const { channelId } = row;
    const follow = follows.get(channelId);
    if (follow !== undefined) renewFollow(follow, row);
    if (row.state === 'ACTIVE') {
      // Without a place in the log nothing can be seen yet; that place is a change of this row too, and will be told.
      if (joinedSeqOf(row) === undefined) return undefined;
      await startFrom(row);
      return viewerChannel(row, true);
    }
    const leftSeq = leftSeqOf(row);
    if (leftSeq === undefined) return undefined;
    // A live reader ends with the removal itself, in the order of the log.
    if (follow !== undefined && follow.pos < leftSeq && rules.endsAtRemoval) {
      leaving.set(channelId, { version: row.feedVersion, leftSeq });
      return undefined;
    }
    unsettled.delete(channelId);
    follows.drop(channelId);
    return follows.endedAt(channelId) === leftSeq ? undefined : viewerChannel(row, false);
  }

  async function nextRow(): Promise<Delivery | undefined> {
    for (let row = state.rows[0]; row !== undefined; row = state.rows[0]) {
      const delivery = await takeRow(row);
      state.rows = state.rows.slice(1);
      state.sent = row.feedVersion;
      if (delivery !== undefined) return delivery;
    }
    state.sent = state.read;
    return undefined;
  }

  async function readFeed(): Promise<void> {
    const { news } = feed;
    const page = await feed.read(state.read);
    const reset = resetOf({ epoch: state.epoch, at: state.read }, page);
    if (reset !== undefined) await restart(reset);
    else Object.assign(state, { read: page.version, rows: [...page.memberships].sort(byVersion) });
    state.news = news;
  }

  /** The feed cannot be continued: the viewer is told so, and every membership is taken anew. */
  async function restart(reset: ResetReason): Promise<void> {
    const page = await readAll();
    const present = new Map(page.memberships.map((row) => [row.channelId, row]));
    for (const follow of [...follows.all()]) {
      const row = present.get(follow.channelId);
      if (row !== undefined && joinedSeqOf(row) !== undefined) renewFollow(follow, row);
      else {
        if (row !== undefined && leftSeqOf(row) === undefined)
          unsettled.set(follow.channelId, follows.placeOf(follow));
        follows.drop(follow.channelId);
      }
    }
    for (const channelId of unsettled.keys()) {
      if (!present.has(channelId)) unsettled.delete(channelId);
      else if (reset === 'LOG_RESTORED') unsettled.set(channelId, lostPlace);
    }
    leaving.clear();
    await Promise.all(page.memberships.map((row) => startFrom(row)));
    if (reset === 'LOG_RESTORED') follows.resetAll();
    Object.assign(state, { epoch: page.epoch, read: page.version, sent: page.version, rows: [], reset });
  }

  function takeReset(reason: ResetReason): Delivery {
    state.reset = undefined;
    return { type: 'viewer.reset', reason, eventId: randomUUID(), ...feedBase(state.sent) };
  }

  return {
    beginNow,
    resume,
    async pull(): Promise<Delivery | undefined> {
      if (state.reset === undefined && state.rows.length === 0 && feed.news !== state.news) await readFeed();
      if (state.reset !== undefined) return takeReset(state.reset);
      return (await nextRow()) ?? follows.next();
    },
    cursor(): string {
      const seqOf = ({ epoch, at }: Place): Seq => (epoch === state.epoch ? at : unknownPlace);
      const followed = [...follows.all()].map(
        (follow) => [follow.channelId, seqOf(follows.placeOf(follow))] as const,
      );
      const waiting = [...unsettled].map(([channelId, place]) => [channelId, seqOf(place)] as const);
      const sent = state.reset === undefined ? toldOf(state.sent) : unknownPlace;
      return codec.complete(userId, { epoch: state.epoch, feed: sent, channels: [...followed, ...waiting] });
    },
    channelCount: () => follows.size() + unsettled.size,
    close: follows.close,
  };
}
