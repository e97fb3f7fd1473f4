import type { Clock } from '../../schema/ports/clock.ts';

/** The end of what one send may take. */
export type Deadline = {
  /** Called once, when it is over; whoever works at the send at that time puts what it does then here. */
  onOver: (() => void) | undefined;
  readonly isOver: () => boolean;
  /** It is done in time. */
  readonly stop: () => void;
};

/** How exact they are: one is over up to so much too early, never later. */
const tickMs = 500;

/**
 * Deadlines that are all equally long, so the oldest is over first, and one sleeper is enough for all of them: a timer for each of
 * thousands of sends in a second is dearer than what it guards. Counted in sleeps, as the time of day may be set back.
 */
export function createDeadlines(clock: Clock, ms: number) {
  const length = Math.floor(ms / tickMs);
  /** By the tick at which it is over, ascending. */
  const running = new Map<Deadline, number>();
  const closed = new AbortController();
  let tick = 0;
  let isWatched = false;

  async function watch(): Promise<void> {
    isWatched = true;
    while (running.size > 0 && !closed.signal.aborted) {
      await clock.sleep(tickMs, closed.signal);
      tick += 1;
      for (const [deadline, endsAt] of running) {
        if (endsAt > tick) break;
        running.delete(deadline);
        deadline.onOver?.();
      }
    }
    isWatched = false;
  }

  return {
    start(): Deadline {
      const deadline: Deadline = {
        onOver: undefined,
        isOver: () => !running.has(deadline),
        stop: () => void running.delete(deadline),
      };
      running.set(deadline, tick + length);
      if (!isWatched) void watch();
      return deadline;
    },
    close: () => closed.abort(),
  };
}
