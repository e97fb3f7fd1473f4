import type { UserId } from '../ids.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Feeds } from './feeds.ts';
import type { ReaderDeps } from './follows.ts';
import type { Hub } from './hub.ts';
import { joinedSeqOf } from './intervals.ts';
import { createChanges } from './long-poll.ts';
import { createMessageReader, startOf } from './message-reader.ts';
import { openPlaces } from './places.ts';
import { createEnd, type End } from './pulled-reader.ts';
import { createReader } from './reader.ts';
import { sharingRows } from './shared-rows.ts';
import type { Stream } from './stream.ts';
import { createWaker } from './waker.ts';

const nothing = () => undefined;

type Settings = ReaderDeps & { readonly feeds: Feeds; readonly log: EventLog };

/** Everything of a stream that reads. */
export interface Readers extends Pick<Stream, 'follow' | 'followMessages' | 'changes'> {
  /** Lets readers notice the time. */
  tick(): void;
  endAll(): void;
  /** How many are open. */
  readonly size: number;
}

export function createReaders(settings: Settings): Readers {
  const deps = { ...settings, memberships: sharingRows(settings.memberships) };
  const { hubs, memberships, codec, clock, log } = deps;
  const open = new Map<End, () => void>();
  let isClosed = false;

  /** Keeps an end until it comes, and lets go of what `opened` took whenever that is. */
  function keep(end: End, tick: () => void, close: () => void): void {
    const onEnd = () => {
      open.delete(end);
      close();
    };
    open.set(end, tick);
    if (isClosed) end.bring();
    end.whenOver(onEnd);
  }

  const follow: Stream['follow'] = async (userId, after, signal) => {
    const position = after === undefined ? undefined : codec.merge(userId, after);
    const end = createEnd(signal);
    try {
      const waker = createWaker(end);
      const places = await openPlaces(deps, { userId, position }, waker.onNews);
      const { reader, tick } = createReader({ places, clock, waker, end });
      keep(end, tick, places.close);
      return reader;
    } catch (failure) {
      end.bring();
      throw failure;
    }
  };

  /** The viewer's membership, if it is one now: read after the hub's place was taken, so no removal is passed over. */
  async function presentMember(userId: UserId, channelId: Hub['channelId']) {
    const [membership] = await memberships.of(userId, [channelId]);
    return joinedSeqOf(membership) === undefined ? undefined : membership;
  }

  const followMessages: Stream['followMessages'] = async (userId, wanted, signal) => {
    const { channelId } = wanted;
    // Once before, so that a stranger's questions open no hub.
    if ((await presentMember(userId, channelId)) === undefined) return undefined;
    const { hub, release } = await hubs.attach(channelId);
    const end = createEnd(signal);
    const waker = createWaker(end);
    hub.listeners.add(waker.onNews);
    const close = () => {
      hub.listeners.delete(waker.onNews);
      release();
    };
    keep(end, nothing, close);
    try {
      const head = hub.pos;
      const membership = await presentMember(userId, channelId);
      if (membership !== undefined) {
        const from = await startOf(log, wanted, { head, membership });
        return createMessageReader({ userId, hub, membership, from, wanted, clock, waker, end });
      }
    } catch (failure) {
      end.bring();
      throw failure;
    }
    end.bring();
    return undefined;
  };

  return {
    follow,
    followMessages,
    changes: createChanges({ ...deps, keep: (end) => keep(end, nothing, nothing) }),
    tick() {
      for (const tick of open.values()) tick();
    },
    endAll() {
      isClosed = true;
      for (const end of [...open.keys()]) end.bring();
    },
    get size() {
      return open.size;
    },
  };
}
