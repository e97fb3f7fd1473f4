import type { Seq } from '../ids.ts';
import type { Interval, Membership } from '../ports/memberships.ts';

/** May the log be shown to this member at `seq`? Yes inside an interval, both ends included. */
export const isVisible = (intervals: readonly Pick<Interval, 'joinedSeq' | 'leftSeq'>[], seq: Seq): boolean =>
  intervals.some(
    ({ joinedSeq, leftSeq }) =>
      joinedSeq !== null && joinedSeq <= seq && (leftSeq === null || seq <= leftSeq),
  );

/** The place from which everything visible behind `seq` comes: `seq` itself, or further on when nothing before is visible. */
export function skipInvisible(intervals: readonly Interval[], seq: Seq): Seq {
  const next = intervals.find(({ leftSeq }) => leftSeq === null || leftSeq > seq);
  return Math.max(seq, (next?.joinedSeq ?? 0) - 1);
}

/** How much of the log behind `seq` up to `head` may be shown. */
export function countVisible(intervals: readonly Interval[], seq: Seq, head: Seq): number {
  let count = 0;
  for (const { joinedSeq, leftSeq } of intervals)
    if (joinedSeq !== null)
      count += Math.max(0, Math.min(leftSeq ?? head, head) - Math.max(joinedSeq - 1, seq));
  return count;
}

/** The newest interval: the one that counts for who is a member now. */
export const newestInterval = ({ intervals }: Membership): Interval | undefined => intervals.at(-1);

/** From where a present member sees the log; undefined for who is not one, or whose joining the log does not have yet. */
export function joinedSeqOf(membership: Membership | undefined): Seq | undefined {
  if (membership?.state !== 'ACTIVE') return undefined;
  return newestInterval(membership)?.joinedSeq ?? undefined;
}

/** Where a past member's view ends; undefined for a present one, or while the log does not have the leaving yet. */
export function leftSeqOf(membership: Membership): Seq | undefined {
  if (membership.state === 'ACTIVE') return undefined;
  return newestInterval(membership)?.leftSeq ?? undefined;
}
