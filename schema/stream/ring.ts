import type { Seq } from '../ids.ts';
import type { LogDelivery } from './delivery.ts';

/** What a ring keeps at most: enough for readers a moment behind; who is further behind pages from the log. */
export const ringBounds = { events: 256, bytes: 262_144 } as const;
/** What one event weighs without its text. */
const eventBytes = 400;

export const weightOf = ({ event }: LogDelivery): number =>
  eventBytes + 2 * (event.body.length + (event.message?.text?.length ?? 0));

/** The newest events of one channel, ascending without holes, bounded by count and bytes. */
export interface Ring {
  /** The event behind `seq`; undefined when it is not kept. */
  next(seq: Seq): LogDelivery | undefined;
  /** The oldest event behind `seq` that is kept, whatever is missing in between: only for a ring that was allowed holes. */
  nextKept(seq: Seq): LogDelivery | undefined;
  push(delivery: LogDelivery): void;
  /** Puts something else in the place of what is kept, where `renewed` answers something. */
  renew(renewed: (held: LogDelivery) => LogDelivery | undefined): void;
}

export function createRing(): Ring {
  const held: LogDelivery[] = [];
  let bytes = 0;

  function shrink(): void {
    while (held.length > ringBounds.events || (bytes > ringBounds.bytes && held.length > 1)) {
      const oldest = held.shift();
      if (oldest !== undefined) bytes -= weightOf(oldest);
    }
  }

  return {
    next(seq) {
      const first = held[0]?.event.seq;
      return first === undefined ? undefined : held[seq + 1 - first];
    },
    nextKept: (seq) => held.find(({ event }) => event.seq > seq),
    push(delivery) {
      held.push(delivery);
      bytes += weightOf(delivery);
      shrink();
    },
    renew(renewed) {
      for (const [index, before] of held.entries()) {
        const after = renewed(before);
        if (after === undefined) continue;
        held[index] = after;
        bytes += weightOf(after) - weightOf(before);
      }
      shrink();
    },
  };
}
