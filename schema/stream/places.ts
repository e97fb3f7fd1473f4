import type { ChannelId, UserId } from '../ids.ts';
import type { FeedPage, Membership } from '../ports/memberships.ts';
import type { Position } from './cursor.ts';
import type { Delivery, ResetReason } from './delivery.ts';
import type { Feed, Feeds } from './feeds.ts';
import { renewFollow } from './follow.ts';
import { createFollows, type Follows, type ReaderDeps, unknownPlace } from './follows.ts';
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
  news: number;
};

const byVersion = (a: Membership, b: Membership) => a.feedVersion - b.feedVersion;

/** Why a place in the user feed cannot be continued from; undefined when it can. */
function resetOf(place: Position['feed'], page: FeedPage): ResetReason | undefined {
  if (place.epoch !== page.epoch || place.at > page.version) return 'LOG_RESTORED';
  return place.at < page.minVersion ? 'EXPIRED' : undefined;
}

/** `position` undefined: from now. `onNews` tells that pulling makes sense again. */
export async function openPlaces(
  deps: ReaderDeps & { readonly feeds: Feeds },
  who: { readonly userId: UserId; readonly position: Position | undefined },
  onNews: () => void,
): Promise<Places> {
  const { feed, release } = await deps.feeds.attach(who.userId);
  feed.listeners.add(onNews);
  const close = (follows?: Follows) => {
    feed.listeners.delete(onNews);
    release();
    follows?.close();
  };
  try {
    return await startPlaces({ ...deps, feed, close }, who, onNews);
  } catch (failure) {
    close();
    throw failure;
  }
}

type StartDeps = ReaderDeps & { readonly feed: Feed; readonly close: (follows?: Follows) => void };

async function startPlaces(
  deps: StartDeps,
  { userId, position }: { readonly userId: UserId; readonly position: Position | undefined },
  onNews: () => void,
): Promise<Places> {
  const { feed, codec, clock } = deps;
  const state: FeedState = { epoch: 0, sent: 0, read: 0, rows: [], reset: undefined, news: feed.news };
  const follows = createFollows(deps, userId, {
    onNews,
    goneOf: (channelId) => viewerChannel(channelId, state.sent, false),
  });

  const feedBase = (version: number) => ({
    eventId: `${state.epoch}.${userId}.${version}`,
    cursor: codec.feed(state.epoch, userId, version),
    at: clock.now(),
  });
  function viewerChannel(channelId: ChannelId, version: number, isMember: boolean): Delivery {
    return { type: 'viewer.channel', channelId, isMember, ...feedBase(version) };
  }

  async function begin(page: FeedPage): Promise<void> {
    const reset = position && resetOf(position.feed, page);
    const sent = position === undefined || reset !== undefined ? page.version : position.feed.at;
    const rows = page.memberships.filter(({ feedVersion }) => feedVersion > sent).sort(byVersion);
    Object.assign(state, { epoch: page.epoch, read: page.version, sent, rows, reset });
    const startOf = (channelId: ChannelId) =>
      position ? (position.channels.get(channelId) ?? 'joining') : 'now';
    await Promise.all(page.memberships.map((row) => follows.start(row, startOf(row.channelId))));
  }

  /** Takes one row's news; the answer is what the viewer is told, if anything. */
  async function takeRow(row: Membership): Promise<Delivery | undefined> {
    const { channelId, feedVersion } = row;
    const follow = follows.get(channelId);
    if (follow !== undefined) renewFollow(follow, row);
    if (row.state === 'ACTIVE') {
      // Without a place in the log nothing can be seen yet; that place is a change of this row too, and will be told.
      if (joinedSeqOf(row) === undefined) return undefined;
      await follows.start(row, 'joining');
      return viewerChannel(channelId, feedVersion, true);
    }
    const leftSeq = leftSeqOf(row);
    if (leftSeq === undefined) return undefined;
    // A live reader ends with the removal itself, in the order of the log.
    if (follow !== undefined && follow.pos < leftSeq && deps.rules.endsAtRemoval) return undefined;
    follows.drop(channelId);
    return follows.endedAt(channelId) === leftSeq ? undefined : viewerChannel(channelId, feedVersion, false);
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
    const news = feed.news;
    const page = await feed.read(state.read);
    const reset = resetOf({ epoch: state.epoch, at: state.read }, page);
    if (reset !== undefined) await restart(await deps.memberships.feedOf(userId, 0), reset);
    else Object.assign(state, { read: page.version, rows: [...page.memberships].sort(byVersion) });
    state.news = news;
  }

  /** The feed cannot be continued: the viewer is told so, and every membership is taken anew. */
  async function restart(page: FeedPage, reset: ResetReason): Promise<void> {
    Object.assign(state, { epoch: page.epoch, read: page.version, sent: page.version, rows: [], reset });
    for (const row of page.memberships) {
      if (joinedSeqOf(row) === undefined) follows.drop(row.channelId);
      else await follows.start(row, 'joining');
    }
  }

  function takeReset(): Delivery | undefined {
    const { reset } = state;
    state.reset = undefined;
    return reset && { type: 'viewer.reset', reason: reset, ...feedBase(state.sent) };
  }

  await begin(await deps.memberships.feedOf(userId, 0));
  return {
    async pull() {
      if (state.reset !== undefined) return takeReset();
      if (state.rows.length === 0 && feed.news !== state.news) await readFeed();
      if (state.reset !== undefined) return takeReset();
      return (await nextRow()) ?? follows.next();
    },
    cursor: () =>
      codec.complete(
        userId,
        state.epoch,
        state.reset === undefined ? state.sent : unknownPlace,
        follows.places(),
      ),
    close: () => deps.close(follows),
  };
}
