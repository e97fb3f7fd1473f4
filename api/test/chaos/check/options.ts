/** What the lines themselves do not say. Whatever is left out is taken to be unknown, and nobody is accused on a guess. */
export type CheckOptions = {
  /** The epoch at the beginning; 1 unless said. Where a later one is found, everybody may have been reset. */
  readonly firstEpoch?: number;
  /**
   * Devices that read slowly or stop reading at times: what comes late to them may have been sent in time. Absent: any device may be one,
   * then nobody is said to be told late, and after a revocation only what was *said* too late counts.
   */
  readonly slowReaders?: ReadonlySet<string>;
  /**
   * No device ever says that it has received something, other than by reading it: then whoever has not read a message in time is to be
   * pushed, active or not. Absent: who is connected may have said so.
   */
  readonly neverConfirms?: boolean;
  /** A message that is due is pushed within this, whatever was broken meanwhile; in milliseconds. */
  readonly pushWithinMs?: number;
};

/**
 * The longest way of a push: the worker dies that has the job, or Redis with all jobs; the sweep finds the row that has nobody 15
 * seconds after its time, at most 60 seconds later; its worker dies as well; and a fault that lasts half a minute holds each of them up.
 */
export const usualPushWithinMs = 180_000;
