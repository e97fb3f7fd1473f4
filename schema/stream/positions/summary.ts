import type { UserId } from '../../ids.ts';
import type { OutlineEvent } from '../event.ts';
import type { Counters } from './counters.ts';

/** Somebody's position. `isShared`: do the others see it? */
export type Position = { readonly userId: UserId; readonly counters: Counters; readonly isShared: boolean };

type Holder = { readonly number: number; readonly userId: UserId };
/** The lowest of several positions, and the one that is the lowest without it; null when it is the only one. */
export type Lowest = Holder & { readonly next: Holder | null };

/**
 * How far the slowest are, of those in a channel who share it: all that ticks need, however many members there are. `read` and
 * `delivered` are null when nobody does.
 */
export type Summary = {
  readonly sharers: number;
  readonly read: Lowest | null;
  readonly delivered: Lowest | null;
};

export const noSummary: Summary = Object.freeze({ sharers: 0, read: null, delivered: null });

export function summaryOf(positions: readonly Position[]): Summary {
  const sharers = positions.filter(({ counters, isShared }) => isShared && counters.isPresent);
  return {
    sharers: sharers.length,
    read: lowestOf(sharers.map(({ userId, counters }) => ({ userId, number: counters.readNumber }))),
    delivered: lowestOf(
      sharers.map(({ userId, counters }) => ({ userId, number: counters.deliveredNumber })),
    ),
  };
}

function lowestOf(holders: readonly Holder[]): Lowest | null {
  let lowest: Holder | null = null;
  let next: Holder | null = null;
  for (const holder of holders) {
    if (lowest === null || holder.number < lowest.number) [lowest, next] = [holder, lowest];
    else if (next === null || holder.number < next.number) next = holder;
  }
  return lowest && { ...lowest, next };
}

/** Up to where all the others have read, and received; null when none of them shares it. */
export type Ticks = { readonly readByAll: number | null; readonly deliveredToAll: number | null };

export const noTicks: Ticks = Object.freeze({ readByAll: null, deliveredToAll: null });

/** The same from all positions, one by one. */
export function ticksFrom(positions: readonly Position[], viewerId: UserId): Ticks {
  const others = summaryOf(positions.filter(({ userId }) => userId !== viewerId));
  return { readByAll: others.read?.number ?? null, deliveredToAll: others.delivered?.number ?? null };
}

/** What a summary was made at: up to this message the log had been taken into account. */
export type SummaryAt = { readonly summary: Summary; readonly appliedNumber: number };

/**
 * What `ticksFrom` would say behind the events of `tail`, without a look at anybody's position. Undefined when these cannot tell,
 * because somebody came or went.
 *
 * Nobody's position moves by the log but that of somebody who had read everything and writes next. So the slowest moves only if
 * all had read everything, and then only if it is alone: of several who had, one at most writes the next message.
 */
export function ticksBehind(
  { summary, appliedNumber }: SummaryAt,
  tail: readonly OutlineEvent[],
  viewer: { readonly id: UserId; readonly isSharer: boolean },
): Ticks | undefined {
  if (tail.some(({ kind }) => kind === 'member.added' || kind === 'member.removed')) return undefined;
  const others = summary.sharers - (viewer.isSharer ? 1 : 0);
  const [read, delivered] = [without(summary.read, viewer.id), without(summary.delivered, viewer.id)];
  if (others === 0 || read === null || delivered === null) return noTicks;
  const moved = others === 1 && read.number === appliedNumber ? runOf(read.userId, appliedNumber, tail) : 0;
  const readByAll = read.number + moved;
  return { readByAll, deliveredToAll: Math.max(delivered.number, readByAll) };
}

const without = (lowest: Lowest | null, userId: UserId): Holder | null =>
  lowest?.userId === userId ? lowest.next : lowest;

/** How many messages of this person come right behind a number. */
export function runOf(userId: UserId, number: number, events: readonly OutlineEvent[]): number {
  let run = 0;
  for (const event of events) {
    if (event.kind !== 'message.sent' || event.number <= number) continue;
    if (event.authorId !== userId) break;
    run += 1;
  }
  return run;
}
