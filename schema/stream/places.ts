import type { UserId } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import { beginNow, type FeedRow, resetOf, restart, resume, rowsIn } from './begin-places.ts';
import type { Position } from './cursor.ts';
import type { Delivery } from './delivery.ts';
import type { Feeds } from './feeds.ts';
import { renewFollow } from './follow.ts';
import { closeFollows, dropFollow, endedAt, nextOfFollows, type ReaderDeps } from './follows.ts';
import { joinedSeqOf, leftSeqOf } from './intervals.ts';
import {
  contactChanged,
  createViewerPlaces,
  cursorOf,
  settle,
  startFrom,
  type ViewerPlaces,
  viewerChanged,
  viewerChannel,
  viewerReset,
} from './viewer-places.ts';

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

/** `position` undefined: from now. `onNews` tells that pulling makes sense again. */
export async function openPlaces(
  deps: ReaderDeps & { readonly feeds: Feeds },
  { userId, position }: { readonly userId: UserId; readonly position: Position | undefined },
  onNews: () => void,
): Promise<Places> {
  const { feed, release } = await deps.feeds.attach(userId);
  const places = createViewerPlaces(deps, { userId, feed, onNews });
  const close = () => {
    feed.listeners.delete(onNews);
    release();
    closeFollows(places.follows);
  };
  feed.listeners.add(onNews);
  try {
    await (position === undefined ? beginNow(places) : resume(places, position));
  } catch (failure) {
    close();
    throw failure;
  }
  return {
    pull: () => pull(places),
    cursor: () => cursorOf(places),
    channelCount: () => places.follows.all.size + places.unsettled.length,
    close,
  };
}

async function pull(places: ViewerPlaces): Promise<Delivery | undefined> {
  const { state, follows } = places;
  if (state.reset === undefined && state.rows.length === 0 && hasNews(places)) await readFeed(places);
  const { reset } = state;
  if (reset === undefined) return (await nextRow(places)) ?? nextOfFollows(follows);
  state.reset = undefined;
  return viewerReset(places, reset);
}

const hasNews = ({ feed, state, deps: { hubs } }: ViewerPlaces): boolean =>
  feed.news() !== state.news || hubs.epoch > Math.max(state.epoch, state.lookedFor);

async function readFeed(places: ViewerPlaces): Promise<void> {
  const { deps, feed, state } = places;
  const [news, lookedFor] = [feed.news(), deps.hubs.epoch];
  const page = await feed.read(state.read);
  const reset = resetOf({ epoch: state.epoch, at: state.read }, page);
  if (reset !== undefined) await restart(places, reset);
  else {
    const rows = rowsIn(page, deps.rules.comparesOwnThings ? state.read : 0);
    Object.assign(state, { read: page.version, rows });
  }
  Object.assign(state, { news, lookedFor });
}

async function nextRow(places: ViewerPlaces): Promise<Delivery | undefined> {
  const { state } = places;
  for (let row = state.rows[0]; row !== undefined; row = state.rows[0]) {
    const delivery = await takeRow(places, row);
    state.rows = state.rows.slice(1);
    state.sent = row.feedVersion;
    if (delivery !== undefined) return delivery;
  }
  state.sent = state.read;
  return undefined;
}

/** Takes one row's news; the answer is what the viewer is told, if anything. */
async function takeRow(places: ViewerPlaces, row: FeedRow): Promise<Delivery | undefined> {
  if (row.type === 'membership') return takeMembership(places, row.membership);
  return row.type === 'contact' ? contactChanged(places, row) : viewerChanged(places, row.feedVersion);
}

async function takeMembership(places: ViewerPlaces, row: Membership): Promise<Delivery | undefined> {
  const { follows, deps } = places;
  const { channelId } = row;
  const follow = follows.all.get(channelId);
  if (follow !== undefined) renewFollow(follow, row);
  if (row.state === 'ACTIVE') {
    // Without a place in the log nothing can be seen yet; that place is a change of this row too, and will be told.
    if (joinedSeqOf(row) === undefined) return undefined;
    await startFrom(places, row);
    return viewerChannel(places, row, true);
  }
  const leftSeq = leftSeqOf(row);
  if (leftSeq === undefined) return undefined;
  // A live reader ends with the removal itself, in the order of the log.
  if (follow !== undefined && follow.pos < leftSeq && deps.rules.endsAtRemoval) {
    const others = places.leaving.filter((one) => one.channelId !== channelId);
    places.leaving = [...others, { channelId, version: row.feedVersion, leftSeq }];
    return undefined;
  }
  settle(places, channelId);
  dropFollow(follows, channelId);
  return endedAt(follows, channelId) === leftSeq ? undefined : viewerChannel(places, row, false);
}
