import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { chatError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Delivery } from './delivery.ts';
import type { Places } from './places.ts';
import type { Reader } from './stream.ts';

const checkpointEvery = { events: 100, ms: 60_000 } as const;
/** While the store does not answer: how long between two attempts, and how long in all before the subscription ends. */
const retryMs = { first: 100, most: 2_000, inAll: 60_000 } as const;

export type Waker = { onNews(): void; wait(): Promise<void> };

/** One waiting at most; news that arrives while nobody waits is remembered. */
export function createWaker(signal: AbortSignal): Waker {
  let hasNews = false;
  let wake: (() => void) | undefined;
  const onNews = () => {
    hasNews = true;
    wake?.();
  };
  signal.addEventListener('abort', onNews, { once: true });
  return {
    onNews,
    async wait() {
      if (!hasNews && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      wake = undefined;
      hasNews = false;
    },
  };
}

type ReaderSettings = {
  readonly places: Places;
  readonly clock: Clock;
  readonly waker: Waker;
  readonly end: AbortController;
  readonly onEnd: () => void;
};

/** The live reader behind `events`: replay, `CaughtUp`, then whatever comes, with a `Checkpoint` now and then. */
export function createReader({
  places,
  clock,
  waker,
  end,
  onEnd,
}: ReaderSettings): Reader<Delivery> & { tick(): void } {
  let isCaughtUp = false;
  let sinceCheckpoint = 0;
  let checkpointAt = clock.now();
  let isDone = false;

  function marker(type: 'checkpoint' | 'caught.up'): Delivery {
    sinceCheckpoint = 0;
    checkpointAt = clock.now();
    return { type, eventId: randomUUID(), cursor: places.cursor(), at: checkpointAt };
  }
  const isDue = () => sinceCheckpoint > 0 && clock.now() - checkpointAt >= checkpointEvery.ms;

  /** A store that does not answer is asked again: the place is kept, so nothing is passed over. */
  async function pull(): Promise<Delivery | undefined> {
    const since = clock.now();
    for (let pause: number = retryMs.first; ; pause = Math.min(pause * 2, retryMs.most)) {
      try {
        return await places.pull();
      } catch (failure) {
        if (failure instanceof GraphQLError) throw failure;
        if (clock.now() - since >= retryMs.inAll)
          throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });
      }
      await clock.sleep(pause, end.signal);
      if (end.signal.aborted) return undefined;
    }
  }

  async function nextDelivery(): Promise<Delivery | undefined> {
    while (!end.signal.aborted) {
      if (sinceCheckpoint >= checkpointEvery.events) return marker('checkpoint');
      const delivery = await pull();
      if (end.signal.aborted) return undefined;
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

  function finish(): { readonly done: true; readonly value: undefined } {
    if (!isDone) {
      isDone = true;
      end.abort();
      places.close();
      onEnd();
    }
    return { done: true, value: undefined };
  }

  const reader: Reader<Delivery> & { tick(): void } = {
    async next() {
      try {
        const value = isDone ? undefined : await nextDelivery();
        return value === undefined ? finish() : { done: false, value };
      } catch (failure) {
        finish();
        throw failure;
      }
    },
    async return() {
      return finish();
    },
    /** Called now and then by the stream: a checkpoint that is due by time is sent without waiting for the next event. */
    tick: () => (isDue() ? waker.onNews() : undefined),
    [Symbol.asyncIterator]: () => reader,
  };
  return reader;
}
