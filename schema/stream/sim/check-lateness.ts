import type { History } from './history.ts';
import { placeKey } from './store.ts';

/** When nothing fails: this long after the commit, or after having caught up, at most. */
const boundMs = 800;

/** G6 in calm weather: nobody waits for a repair. */
export function checkLateness({ sessions }: History, committedAt: ReadonlyMap<string, number>): string[] {
  return sessions.flatMap(({ received, device, kind }) => {
    const caughtUpAt = received.find(({ delivery }) => delivery.type === 'caught.up')?.atMs;
    if (kind !== 'events' || caughtUpAt === undefined) return [];
    return received.flatMap(({ delivery, atMs }) => {
      if (delivery.type !== 'log') return [];
      const place = placeKey(delivery.channelId, delivery.event.seq);
      const lateMs = atMs - Math.max(caughtUpAt, committedAt.get(place) ?? atMs);
      return lateMs > boundMs ? [`G6: ${place} came ${lateMs} ms late (${device})`] : [];
    });
  });
}
