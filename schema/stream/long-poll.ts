import { chatError } from '../errors.ts';
import { createShares } from '../shares.ts';
import type { Delivery } from './delivery.ts';
import type { Feeds } from './feeds.ts';
import type { ReaderDeps } from './follows.ts';
import { openPlaces, type Places } from './places.ts';
import { createEnd, type End } from './pulled-reader.ts';
import type { ChangesPage, Stream } from './stream.ts';
import { createWaker, type Waker } from './waker.ts';

/**
 * Long polls of one person that wait at once in one process. Each of their devices needs one; as many as they may have sockets,
 * because one that waits holds as much as a subscription does.
 */
export const maxWaiting = 20;

type Settings = ReaderDeps & {
  readonly feeds: Feeds;
  /** Brings the end, too, when the stream closes. */
  readonly keep: (end: End) => void;
};

/** Pages of what a reader would send. Those that may wait for it wait as a reader does: for news of hubs and of the feed. */
export function createChanges({ keep, ...deps }: Settings): Stream['changes'] {
  const { codec, clock } = deps;
  const waiting = createShares(maxWaiting, `At most ${maxWaiting} of your \`changes\` wait at once.`);
  return async (userId, { after, first, waitMs }, signal) => {
    const position = codec.merge(userId, after);
    const leave = waitMs > 0 ? waiting.take(userId) : undefined;
    const end = createEnd(signal);
    keep(end);
    const isTooLate = waitMs > 0 && end.isOver();
    // The only timer. It is cleared by the end, whoever brings that.
    if (waitMs > 0) void clock.sleep(waitMs, end.signal()).then(end.bring);
    else end.bring();
    try {
      const waker = createWaker(end);
      const places = await openPlaces(deps, { userId, position }, waker.onNews);
      try {
        const page = await firstPageOf(places, { first, waker, end });
        if (isTooLate && page.events.length === 0) throw stopping();
        return page;
      } finally {
        places.close();
      }
    } finally {
      end.bring();
      leave?.();
    }
  };
}

/** An empty page before its time would be asked for again at once, and again, for as long as a server needs to stop. */
const stopping = () =>
  chatError('UNAVAILABLE', 'This server is stopping: ask again in a moment.', { retryAfterMs: 1_000 });

type Patience = { readonly first: number; readonly waker: Waker; readonly end: End };

/** The first page that is not empty; at the end the one that there is. Everything that came together is in it. */
async function firstPageOf(places: Places, { first, waker, end }: Patience): Promise<ChangesPage> {
  for (;;) {
    const page = await pageOf(places, first);
    if (page.events.length > 0 || end.isOver()) return page;
    await waker.wait();
  }
}

async function pageOf(places: Places, first: number): Promise<ChangesPage> {
  const events: Delivery[] = [];
  while (events.length < first) {
    const delivery = await places.pull();
    if (delivery === undefined) return { events, cursor: places.cursor(), hasMore: false };
    events.push(delivery);
  }
  return { events, cursor: places.cursor(), hasMore: true };
}
