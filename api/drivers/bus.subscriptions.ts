import type { Redis } from 'ioredis';
import type { BusObserver } from '../../schema/ports/bus.ts';
import type { Clock } from '../../schema/ports/clock.ts';

/** Topics in one command: enough that 60,000 are there again in 120 of them, few enough that Redis serves others in between. */
const batchSize = 512;
/** So long whoever subscribes waits for Redis; after that it goes on, and is told when the topic is heard, as after an interruption. */
const patienceMs = 1_000;

type Topic = {
  /** Tells who waits for the subscription; once. */
  tell: (() => void) | undefined;
  /** Something on it may have been missed since somebody wanted it. */
  isMissed: boolean;
};

/** The topics that one process hears. */
export interface Subscriptions {
  /** `onActive` is called once: when the topic is heard, or when Redis does not answer soon. */
  add(topic: string, onActive: () => void): void;
  remove(topic: string): void;
  /** Asks again for what Redis has refused. */
  retry(): void;
  /** Lets all go who wait. */
  close(): void;
}

type Settings = {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly observer: Pick<BusObserver, 'onTopics' | 'onSubscribe'>;
  /** Topics that were not heard for a while are heard again. */
  readonly onRestored: () => void;
  readonly onFailure: (failure: unknown) => void;
};

/**
 * Keeps a connection subscribed: what is wanted in one turn of the event loop, or is to be heard again after a reconnect, goes in
 * few commands. ioredis would send all of it in one, and graphql-redis-subscriptions each topic in its own.
 */
export function createSubscriptions(subscriber: Redis, settings: Settings): Subscriptions {
  const { clock, observer, onRestored, onFailure } = settings;
  const wanted = new Map<string, Topic>();
  /** Wanted, but not asked for on this connection. */
  const fresh = new Set<string>();
  const leaving = new Set<string>();
  let isScheduled = false;
  let isRefused = false;

  const letGo = (topic: Topic) => {
    const { tell } = topic;
    topic.tell = undefined;
    tell?.();
  };

  function miss(names: Iterable<string>): void {
    for (const name of names) {
      const topic = wanted.get(name);
      if (topic === undefined) continue;
      topic.isMissed = true;
      letGo(topic);
    }
  }

  /** Whether any of them had been missed. One that was let go and wanted again meanwhile is asked for by itself. */
  function settle(asked: ReadonlyMap<string, Topic | undefined>): boolean {
    let wasMissed = false;
    for (const [name, topic] of asked) {
      if (topic === undefined || wanted.get(name) !== topic) continue;
      wasMissed ||= topic.isMissed;
      topic.isMissed = false;
      letGo(topic);
    }
    return wasMissed;
  }

  function refused(names: readonly string[], failure: unknown): void {
    for (const name of names) if (wanted.has(name)) fresh.add(name);
    miss(names);
    // That the connection is gone is told elsewhere, and a refusal once: it is asked again each second.
    if (subscriber.status === 'ready' && !isRefused) onFailure(failure);
    isRefused ||= subscriber.status === 'ready';
  }

  async function subscribe(names: readonly string[]): Promise<boolean> {
    const asked = new Map(names.map((name) => [name, wanted.get(name)]));
    const answered = new AbortController();
    const { signal } = answered;
    void clock.sleep(patienceMs, signal).then(() => signal.aborted || miss(names));
    try {
      observer.onSubscribe(names.length);
      await subscriber.subscribe(...names);
    } catch (failure) {
      refused(names, failure);
      return false;
    } finally {
      answered.abort();
    }
    isRefused = false;
    return settle(asked);
  }

  async function flush(): Promise<void> {
    isScheduled = false;
    const [ended, begun] = [[...leaving], [...fresh]];
    leaving.clear();
    if (subscriber.status !== 'ready') return miss(begun); // at the next `ready` all is asked for
    fresh.clear();
    // A topic that Redis did not let go costs hints that nobody takes, until the next reconnect.
    for (const names of chunksOf(ended)) subscriber.unsubscribe(...names).catch(onFailure);
    let isRestored = false;
    for (const names of chunksOf(begun)) isRestored = (await subscribe(names)) || isRestored;
    if (isRestored) onRestored();
  }

  function flushSoon(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => void flush());
  }

  subscriber.on('close', () => {
    for (const name of wanted.keys()) fresh.add(name);
    miss(wanted.keys());
  });
  subscriber.on('ready', flushSoon);

  return {
    add(name, tell) {
      wanted.set(name, { tell, isMissed: false });
      leaving.delete(name);
      fresh.add(name);
      observer.onTopics(wanted.size);
      flushSoon();
    },
    remove(name) {
      wanted.delete(name);
      fresh.delete(name);
      leaving.add(name);
      observer.onTopics(wanted.size);
      flushSoon();
    },
    retry() {
      if (fresh.size > 0) flushSoon();
    },
    close() {
      miss(wanted.keys());
      wanted.clear();
      fresh.clear();
    },
  };
}

const chunksOf = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / batchSize) }, (_, index) =>
    names.slice(index * batchSize, (index + 1) * batchSize),
  );
