import type { UserId } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import { beginNow, type FeedRow, resetOf, restart, resume, rowsIn } from './begin-places.ts';
import type { Position } from './cursor.ts';
import type { Delivery } from './delivery.ts';
import type { Feed, Feeds } from './feeds.ts';
import { renewFollow } from './follow.ts';
import type { ReaderDeps } from './follows.ts';
import { joinedSeqOf, leftSeqOf } from './intervals.ts';
import { createViewerPlaces, type ViewerPlaces } from './viewer-places.ts';

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
  const places = createViewerPlaces({ ...deps, feed }, userId, onNews);
  const close = () => {
    feed.listeners.delete(onNews);
    release();
    places.follows.close();
  };
  feed.listeners.add(onNews);
  try {
    await (position === undefined ? beginNow(places) : resume(places, position));
  } catch (failure) {
    close();
    throw failure;
  }
  return {
    pull: createPull({ ...deps, feed }, places),
    cursor: places.cursor,
    channelCount: () => places.follows.size() + places.unsettled.size,
    close,
  };
}

function createPull({ feed, hubs, rules }: ReaderDeps & { readonly feed: Feed }, places: ViewerPlaces) {
  const { state, follows, unsettled, leaving } = places;

  /** Takes one row's news; the answer is what the viewer is told, if anything. */
  async function takeRow(row: FeedRow): Promise<Delivery | undefined> {
    if (row.type === 'membership') return takeMembership(row.membership);
    return row.type === 'contact' ? places.contactChanged(row) : places.viewerChanged(row.feedVersion);
  }

  async function takeMembership(row: Membership): Promise<Delivery | undefined> {
    const { channelId } = row;
    const follow = follows.get(channelId);
    if (follow !== undefined) renewFollow(follow, row);
    if (row.state === 'ACTIVE') {
      // Without a place in the log nothing can be seen yet; that place is a change of this row too, and will be told.
      if (joinedSeqOf(row) === undefined) return undefined;
      await places.startFrom(row);
      return places.viewerChannel(row, true);
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
    return follows.endedAt(channelId) === leftSeq ? undefined : places.viewerChannel(row, false);
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

  const hasNews = () => feed.news !== state.news || hubs.epoch > Math.max(state.epoch, state.lookedFor);

  async function readFeed(): Promise<void> {
    const [{ news }, { epoch: lookedFor }] = [feed, hubs];
    const page = await feed.read(state.read);
    const reset = resetOf({ epoch: state.epoch, at: state.read }, page);
    if (reset !== undefined) await restart(places, reset);
    else
      Object.assign(state, {
        read: page.version,
        rows: rowsIn(page, rules.comparesOwnThings ? state.read : 0),
      });
    Object.assign(state, { news, lookedFor });
  }

  return async (): Promise<Delivery | undefined> => {
    if (state.reset === undefined && state.rows.length === 0 && hasNews()) await readFeed();
    const { reset } = state;
    if (reset === undefined) return (await nextRow()) ?? follows.next();
    state.reset = undefined;
    return places.viewerReset(reset);
  };
}
