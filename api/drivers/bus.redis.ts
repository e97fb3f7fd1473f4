import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { startError } from '../../prisma/start-error.ts';
import { isWithin } from '../../prisma/within.ts';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import type { Bus, BusObserver, BusPayload, Interruption } from '../../schema/ports/bus.ts';
import { type Clock, systemClock } from '../../schema/ports/clock.ts';
import { createEcho } from './bus.echo.ts';
import { frameOf, payloadIn } from './bus.frame.ts';
import { createPublisher } from './bus.publisher.ts';
import { createSubscriptions } from './bus.subscriptions.ts';
import { createTopics, type Heard } from './bus.topics.ts';
import type { RedisConnection } from './redis-connection.ts';

type BusSettings = {
  readonly logger: Pick<Logger, 'warn'>;
  readonly observer?: BusObserver | undefined;
  readonly clock?: Clock;
};

/** A Redis that took the connection shows within this whether it carries hints. */
const firstEchoMs = 5_000;

/**
 * Hints between processes, over the publish and subscribe of Redis. What cannot be published is at least told to those who listen in
 * this process: with Redis gone, two people on one server notice nothing of that. Throws a StartError when Redis carries no hints.
 */
export async function openRedisBus(redis: RedisConnection, settings: BusSettings): Promise<Bus> {
  const { observer = unobserved, clock = systemClock } = settings;
  const subscriber = await redis.openSubscriber();
  const echoTopic = `${redis.prefix}echo:${randomUUID()}`;
  const parts = assemble(redis, subscriber, { ...settings, observer, clock, echoTopic });
  const { publisher, subscriptions, interruptions, listen, local } = parts;
  const closing = new AbortController();
  const { signal } = closing;
  const publish = (topic: string, payload: BusPayload) =>
    publisher.publish({ topic, frame: frameOf(payload) });

  const echo = createEcho({
    ...{ clock, signal, onEcho: observer.onEcho },
    say(count) {
      subscriptions.retry();
      publish(echoTopic, count);
    },
    onSilence() {
      if (connectAnew(subscriber)) interruptions.because('echo');
    },
  });
  await listen(echoTopic, echo.hear);
  const speaking = echo.run();

  async function close(): Promise<void> {
    closing.abort();
    interruptions.forgetAll();
    await Promise.all([publisher.close(), speaking]);
    subscriptions.close();
    subscriber.disconnect();
    await local.close();
  }
  if (!(await isWithin(echo.first, firstEchoMs))) {
    await close();
    throw startError(
      'Redis carries no hints: allow the user of REDIS_URL to publish and subscribe on all channels.',
    );
  }
  return {
    publish(topic, payload) {
      if (!signal.aborted) publish(redis.prefix + topic, payload);
    },
    async subscribe(topic, listener) {
      if (signal.aborted) throw new Error('The bus is closed.');
      return listen(redis.prefix + topic, listener);
    },
    onInterrupted: interruptions.listen,
    close,
  };
}

type Assembling = Required<Omit<BusSettings, 'observer'>> & {
  readonly observer: BusObserver;
  readonly echoTopic: string;
};

/** What a bus is made of, from those who listen here to the commands of Redis. */
function assemble(redis: RedisConnection, subscriber: Redis, settings: Assembling) {
  const { logger, observer, clock, echoTopic } = settings;
  const onFailure = (err: unknown) => logger.warn({ err }, 'the bus met a failure and goes on');
  /** Those who listen here: what the port promises inside one process is kept there. */
  const local = openMemoryBus({ onListenerError: onFailure });
  const hear = createHearing(logger, observer);
  const publisher = createPublisher(redis.commands, (lost) => {
    observer.onUnpublished(lost.length);
    for (const { topic, frame } of lost) {
      const heard = topic === echoTopic ? undefined : hear(frame); // the echo tells of Redis, or nothing
      if (heard !== undefined) local.publish(topic, heard.payload);
    }
  });
  const interruptions = createInterruptions(observer);
  const onRestored = interruptions.tell;
  const subscriptions = createSubscriptions(subscriber, { clock, observer, onRestored, onFailure });
  const onPayload = local.publish;
  const { commands } = redis;
  const topics = createTopics({ commands, subscriber, subscriptions, hear, onPayload, onFailure });

  async function listen(topic: string, listener: (payload: BusPayload) => void): Promise<() => void> {
    const end = await local.subscribe(topic, listener);
    const release = await topics.attach(topic);
    return () => {
      end();
      release();
    };
  }
  return { local, publisher, interruptions, subscriptions, listen };
}

const unobserved: BusObserver = {
  onTopics: () => undefined,
  onSubscribe: () => undefined,
  onDropped: () => undefined,
  onUnpublished: () => undefined,
  onInterrupted: () => undefined,
  onEcho: () => undefined,
};

/** Reads frames. Of each problem the first is logged and all are counted: a server of another release may send thousands. */
function createHearing(logger: Pick<Logger, 'warn'>, observer: BusObserver) {
  const told = new Set<string>();
  return (frame: string): Heard | undefined => {
    const heard = payloadIn(frame);
    if (!('problem' in heard)) return heard;
    const { problem } = heard;
    observer.onDropped(problem);
    if (!told.has(problem)) logger.warn({ problem }, 'a hint was dropped; more of its kind are only counted');
    told.add(problem);
    return undefined;
  };
}

/** Who is told that hints may have been lost. */
function createInterruptions(observer: BusObserver) {
  const listeners = new Set<(how: Interruption) => void>();
  let how: Interruption = 'reconnect';
  return {
    /** Why the next one happened. */
    because(cause: Interruption) {
      how = cause;
    },
    tell() {
      const cause = how;
      how = 'reconnect';
      observer.onInterrupted(cause);
      for (const listener of [...listeners]) listener(cause);
    },
    listen(listener: (how: Interruption) => void) {
      const own = (cause: Interruption) => listener(cause);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    forgetAll: () => listeners.clear(),
  };
}

/** Without waiting for the other side to agree, as it does not answer. False when it is on its way already. */
function connectAnew(subscriber: Redis): boolean {
  if (subscriber.status !== 'ready') return false;
  subscriber.disconnect(true);
  subscriber.stream.destroy();
  return true;
}
