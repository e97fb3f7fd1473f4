import type { History } from './history.ts';
import { placeKey } from './store.ts';

/** When nothing fails: this long after the commit, or after having caught up, at most. */
const boundMs = 800;
/** Whoever asks for a page has its place by then, also where nobody listened to the feed and the channels yet. */
const openingMs = 1_000;

/** G6 in calm weather: nobody waits for a repair. */
export function checkLateness({ sessions }: History, committedAt: ReadonlyMap<string, number>): string[] {
  return sessions.flatMap(({ received, device, kind, openedAtMs }) => {
    const sinceMs =
      kind === 'changes'
        ? openedAtMs + openingMs
        : received.find(({ delivery }) => delivery.type === 'caught.up')?.atMs;
    if (sinceMs === undefined) return [];
    return received.flatMap(({ delivery, atMs }) => {
      if (delivery.type !== 'log') return [];
      const place = placeKey(delivery.channelId, delivery.event.seq);
      const lateMs = atMs - Math.max(sinceMs, committedAt.get(place) ?? atMs);
      return lateMs > boundMs ? [`G6: ${place} came ${lateMs} ms late (${device})`] : [];
    });
  });
}
