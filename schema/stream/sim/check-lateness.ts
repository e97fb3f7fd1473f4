import type { Delivery } from '../delivery.ts';
import type { History } from './history.ts';
import { placeKey } from './store.ts';

/** When nothing fails: this long after the commit, or after having caught up, at most. */
const boundMs = 800;
/** Whoever asks for a page has its place by then, also where nobody listened to the feed and the channels yet. */
const openingMs = 1_000;

/** When what this tells was committed, by `placeKey` and `feedKey`. */
type Times = {
  readonly committedAt: ReadonlyMap<string, number>;
  readonly movedAt: ReadonlyMap<string, number>;
};

/** G6 in calm weather: nobody waits for a repair. */
export function checkLateness({ sessions }: History, times: Times): string[] {
  return sessions.flatMap(({ received, device, kind, openedAtMs }) => {
    const sinceMs =
      kind === 'changes'
        ? openedAtMs + openingMs
        : received.find(({ delivery }) => delivery.type === 'caught.up')?.atMs;
    if (sinceMs === undefined) return [];
    return received.flatMap(({ delivery, atMs }) => {
      const lateMs = atMs - Math.max(sinceMs, committedMs(delivery, times) ?? atMs);
      return lateMs > boundMs ? [`G6: ${delivery.eventId} came ${lateMs} ms late (${device})`] : [];
    });
  });
}

function committedMs(delivery: Delivery, { committedAt, movedAt }: Times): number | undefined {
  if (delivery.type === 'log') return committedAt.get(placeKey(delivery.channelId, delivery.event.seq));
  const isOfFeed = ['viewer.channel', 'viewer.changed', 'contact.changed'].includes(delivery.type);
  if (!isOfFeed) return undefined;
  const [, userId, version] = delivery.eventId.split('.');
  return movedAt.get(`${userId}/${version}`);
}
