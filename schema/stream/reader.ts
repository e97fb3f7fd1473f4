import { randomUUID } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Delivery } from './delivery.ts';
import type { Places } from './places.ts';
import { createPulledReader, type End, pullPatiently } from './pulled-reader.ts';
import type { Reader } from './stream.ts';
import type { Waker } from './waker.ts';

/** A complete cursor grows with the channels: above so many it is sent less often for events, never less often by time. */
const checkpointEvery = { ms: 60_000, events: 100, manyChannels: 200, eventsOfMany: 500 } as const;

type ReaderSettings = {
  readonly places: Places;
  readonly clock: Clock;
  readonly waker: Waker;
  readonly end: End;
};

/** The live reader behind `events`: replay, `CaughtUp`, then whatever comes, with a `Checkpoint` now and then. */
export function createReader({ places, clock, waker, end }: ReaderSettings): {
  readonly reader: Reader<Delivery>;
  /** To be called now and then: a checkpoint that is due by time is sent without waiting for the next event. */
  tick(): void;
} {
  let isCaughtUp = false;
  let sinceCheckpoint = 0;
  let checkpointAt = clock.now();

  function marker(type: 'checkpoint' | 'caught.up'): Delivery {
    sinceCheckpoint = 0;
    checkpointAt = clock.now();
    return { type, eventId: randomUUID(), cursor: places.cursor(), at: checkpointAt };
  }
  const isDue = () => sinceCheckpoint > 0 && clock.now() - checkpointAt >= checkpointEvery.ms;
  const isFull = () =>
    sinceCheckpoint >= checkpointEvery.events &&
    (sinceCheckpoint >= checkpointEvery.eventsOfMany ||
      places.channelCount() <= checkpointEvery.manyChannels);

  async function pull(): Promise<Delivery | undefined> {
    while (!end.isOver()) {
      if (isFull()) return marker('checkpoint');
      const delivery = await pullPatiently(places.pull, clock, end);
      if (delivery !== undefined) {
        sinceCheckpoint += 1;
        return delivery;
      }
      if (!isCaughtUp) {
        isCaughtUp = true;
        return marker('caught.up');
      }
      if (isDue()) return marker('checkpoint');
      await waker.wait();
    }
    return undefined;
  }

  return {
    reader: createPulledReader(end, pull),
    tick: () => (isDue() ? waker.onNews() : undefined),
  };
}
