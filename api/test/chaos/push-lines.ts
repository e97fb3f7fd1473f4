import type { WebPushService } from '../push/web-push-service.ts';
import type { Pushed } from './history.ts';
import type { Load } from './load/options.ts';

/** What the push service took for the devices of a load, in the order of its coming. `now` is the clock of the lines. */
export function pushLines(
  { received }: Pick<WebPushService, 'received'>,
  load: Pick<Load, 'deviceOfEndpoint'>,
  now: () => number,
): Pushed[] {
  const earlierMs = Date.now() - now();
  return received.flatMap(({ url, at, isTaken, note }): Pushed[] => {
    const owner = load.deviceOfEndpoint(url);
    if (owner === undefined || !isTaken || note.kind === 'test') return [];
    const { channelId, number } = note;
    const place = { kind: 'push', t: at - earlierMs, ...owner } as const;
    return note.kind === 'clear'
      ? [{ ...place, note: { type: 'clear', channelId, number } }]
      : [{ ...place, note: { type: 'message', channelId, seq: note.seq, number: number ?? 0 } }];
  });
}
