import type { History } from './history.ts';
import { type Logs, placeKey } from './store.ts';
import { isSeen, stretchesOf } from './truth.ts';

/** G7: what is made once for all who see an event shows nobody a message, or an answered one, from before they came. */
export function checkSharing({ sessions, lost }: History, logs: Logs): string[] {
  if (lost.length > 0) return []; // places of a log that is no more say nothing
  return sessions.flatMap(({ received, userId, device }) => {
    const seen = new Map([...logs].map(([channelId, log]) => [channelId, stretchesOf(log, userId)]));
    return received.flatMap(({ delivery }) => {
      if (delivery.type !== 'log' || !delivery.isShared || !delivery.event.message) return [];
      const { seq, replyTo } = delivery.event.message;
      const shown = [seq, ...(replyTo ? [replyTo.seq] : [])];
      const hidden = shown.filter((one) => !isSeen(seen.get(delivery.channelId) ?? [], one));
      const place = placeKey(delivery.channelId, delivery.event.seq);
      return hidden.map((one) => `G7: ${place} is shared with ${device}, and shows ${one}`);
    });
  });
}
