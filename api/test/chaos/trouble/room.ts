import type { Clock } from '../../../../schema/ports/clock.ts';
import type { Planned } from './schedule.ts';

type Wanted = Pick<Planned, 'on' | 'stops' | 'at' | 'until'>;

/** Where faults are now. A plan cannot know how long healing really takes; this keeps its promises all the same. */
export type Room = {
  /**
   * Resolves with true when nothing else happens to its target any more, and what heals late does not make a standstill of it. False, when
   * that takes too long, or the signal aborts.
   */
  enter(planned: Wanted, signal: AbortSignal): Promise<boolean>;
  /** It is healed. Changes nothing for one that did not enter. */
  leave(planned: Wanted): void;
  /** Whether something happens to this target. */
  isTaken(on: string): boolean;
};

/** Later than that a fault would stand among others that the plan did not mean for it. */
export const mostLateMs = 15_000;
const lookAgainMs = 250;

export function createRoom(servers: readonly string[], clock: Clock): Room {
  /** With the moments at which they are to be over. */
  const inside = new Map<Wanted, number>();

  function isFree(planned: Wanted): boolean {
    const others = [...inside.keys()];
    if (others.some(({ on }) => on === planned.on)) return false;
    const isAnyLate = [...inside].some(([{ stops }, until]) => stops.length > 0 && until < clock.now());
    const stopped = new Set([...others, planned].flatMap(({ stops }) => stops));
    return planned.stops.length === 0 || !isAnyLate || servers.some((server) => !stopped.has(server));
  }

  return {
    async enter(planned, signal) {
      const deadline = clock.now() + mostLateMs;
      while (!signal.aborted && !isFree(planned)) {
        if (clock.now() >= deadline) return false;
        await clock.sleep(lookAgainMs, signal);
      }
      if (signal.aborted) return false;
      inside.set(planned, clock.now() + planned.until - planned.at);
      return true;
    },
    leave(planned) {
      inside.delete(planned);
    },
    isTaken: (name) => [...inside.keys()].some(({ on }) => on === name),
  };
}
