import type { DeviceHistory, History, Seat, Stay } from './history.ts';

/** The stay in which somebody may be shown what stands at this place. Joining and leaving belong to it. */
export const stayAt = (
  stays: readonly Stay[],
  { userId, channelId, seq }: Seat & { readonly seq: number },
): Stay | undefined =>
  stays.find(
    (stay) =>
      stay.userId === userId &&
      stay.channelId === channelId &&
      stay.joinedSeq <= seq &&
      (stay.leftSeq === null || seq <= stay.leftSeq),
  );

/**
 * Events from outside of the stays of a device's person. What has no place in a log, as positions, may not come between their own
 * leaving and joining, as this subscription told of them.
 */
export function leakedTo({ steps, userId }: DeviceHistory, { stays }: Pick<History, 'stays'>): number {
  const own = new Set(stays.flatMap((stay) => (stay.userId === userId ? [stay.memberId] : [])));
  let left = new Set<string>();
  let leaked = 0;
  for (const step of steps) {
    if (step.type === 'subscribed') left = new Set();
    if (step.type === 'positions' && left.has(step.channelId)) leaked += 1;
    if (!('seq' in step)) continue;
    const { channelId, seq } = step;
    if (stayAt(stays, { userId, channelId, seq }) === undefined) leaked += 1;
    if (step.type !== 'member' || !own.has(step.memberId)) continue;
    if (step.change === 'removed') left.add(channelId);
    else left.delete(channelId);
  }
  return leaked;
}

/**
 * Messages that a device lacks. Who is there at the end has everything since their joining. Of a stay that is over there may be
 * nothing, as it is not made up for, but no hole: what came is all up to the newest that did.
 */
export function skippedBy(
  { steps, userId, endedCaughtUp }: DeviceHistory,
  { stays, byDatabase }: Pick<History, 'stays' | 'byDatabase'>,
): number {
  if (!endedCaughtUp) return 0;
  const seen = new Map<string, Set<number>>();
  for (const step of steps) {
    if (step.type !== 'message') continue;
    const numbers = seen.get(step.channelId) ?? new Set();
    seen.set(step.channelId, numbers.add(step.number));
  }
  let skipped = 0;
  for (const stay of stays) {
    if (stay.userId !== userId) continue;
    const { channelId, joinedNumber: after, leftNumber: to } = stay;
    const numbers = seen.get(channelId) ?? new Set();
    const upTo =
      to === null ? Number.POSITIVE_INFINITY : Math.max(0, ...[...numbers].filter((number) => number <= to));
    const said = (byDatabase.get(channelId) ?? []).filter(({ number }) => number > after && number <= upTo);
    skipped += said.filter(({ number }) => !numbers.has(number)).length;
  }
  return skipped;
}
