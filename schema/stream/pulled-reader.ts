import { setMaxListeners } from 'node:events';
import { chatError, isChatError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reader } from './stream.ts';

/** While the store does not answer: how long between two attempts, and how long in all before the subscription ends. */
const retry = { firstMs: 100, mostMs: 2_000, inAllMs: 60_000, attempts: 40 } as const;

/**
 * The end of one reader, whoever brings it about: its consumer, its client's signal, a failure, or the stream that closes. It is no
 * signal by itself, as one of those with its listeners is a kilobyte, and readers wait by the thousand.
 */
export type End = {
  isOver(): boolean;
  /** Calls back at the end; at once when it is over already. */
  whenOver(listener: () => void): void;
  /** The end as a signal, for whoever sleeps until then. */
  signal(): AbortSignal;
  bring(): void;
};

export function createEnd(client: AbortSignal): End {
  /** Undefined when it is over. */
  let listeners: (() => void)[] | undefined = [];
  let controller: AbortController | undefined;
  const bring = () => {
    const told = listeners ?? [];
    listeners = undefined;
    // A client's signal lives as long as its socket, a subscription on it may be short.
    client.removeEventListener('abort', bring);
    controller?.abort('ended'); // a reason of our own: the default one is an error with a stack
    for (const listener of told) listener();
  };
  setMaxListeners(0, client); // a socket has many subscriptions, each removes its own listener
  client.addEventListener('abort', bring, { once: true });
  if (client.aborted) bring();
  return {
    isOver: () => listeners === undefined,
    whenOver: (listener) => void (listeners === undefined ? listener() : listeners.push(listener)),
    signal() {
      controller ??= new AbortController();
      if (listeners === undefined) controller.abort('ended');
      return controller.signal;
    },
    bring,
  };
}

/** Listens to several things, until the end; to none of them when one cannot be listened to. */
export async function listenUntil(end: End, things: readonly (() => Promise<() => void>)[]): Promise<void> {
  const one = async (listen: () => Promise<() => void>) => end.whenOver(await listen());
  try {
    await Promise.all(things.map(one));
  } catch (failure) {
    end.bring();
    throw failure;
  }
}

/** A reader over `pull`, which answers undefined when there is nothing more, and is not called again after the end. */
export function createPulledReader<T>(end: End, pull: () => Promise<T | undefined>): Reader<T> {
  const done = { done: true, value: undefined } as const;
  const reader: Reader<T> = {
    async next() {
      if (end.isOver()) return done;
      try {
        const value = await pull();
        if (value !== undefined && !end.isOver()) return { done: false, value };
      } catch (failure) {
        if (end.isOver()) return done;
        end.bring();
        throw failure;
      }
      end.bring();
      return done;
    },
    async return() {
      end.bring();
      return done;
    },
    [Symbol.asyncIterator]: () => reader,
  };
  return reader;
}

/**
 * A store that does not answer is asked again: `pull` keeps its place when it rejects, so nothing is passed over. Rejects with
 * `UNAVAILABLE` after a minute of that. Undefined when the end came meanwhile.
 */
export async function pullPatiently<T>(
  pull: () => Promise<T | undefined>,
  clock: Clock,
  end: End,
): Promise<T | undefined> {
  const since = clock.now();
  let pauseMs: number = retry.firstMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await pull();
    } catch (failure) {
      if (isChatError(failure)) throw failure;
      if (attempt === retry.attempts || clock.now() - since >= retry.inAllMs)
        throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });
    }
    await clock.sleep(pauseMs, end.signal());
    if (end.isOver()) return undefined;
    pauseMs = Math.min(pauseMs * 2, retry.mostMs);
  }
}
