import { EventEmitter } from 'node:events';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { BusPayload } from '../../schema/ports/bus.ts';
import type { Subscriptions } from './bus.subscriptions.ts';

/** A payload in an object, as it may be anything, null included. */
export type Heard = { readonly payload: BusPayload };

type Settings = {
  readonly commands: Redis;
  readonly subscriber: Redis;
  readonly subscriptions: Subscriptions;
  /** Undefined for what is to be dropped. */
  readonly hear: (frame: string) => Heard | undefined;
  readonly onPayload: (topic: string, payload: BusPayload) => void;
  readonly onFailure: (failure: unknown) => void;
};

type Topic = { users: number; readonly id: Promise<number> };

/** The topics that this process hears, each once however many listen to it. */
export interface Topics {
  /** Resolves when it is heard (see `Subscriptions.add`). The answer lets go of it; calling it twice is harmless. */
  attach(topic: string): Promise<() => void>;
}

/**
 * graphql-redis-subscriptions by its callbacks: its iterators keep what nobody has taken yet without a bound. Each topic is asked of
 * it once, so its own counting, which leaks where a subscription fails, has nothing to count.
 */
export function createTopics(settings: Settings): Topics {
  const { commands, onPayload, onFailure } = settings;
  const pubsub = new RedisPubSub({ publisher: commands, subscriber: standIn(settings) });
  const topics = new Map<string, Topic>();

  function topicOf(name: string): Topic {
    const known = topics.get(name);
    if (known !== undefined) return known;
    const id = pubsub.subscribe(name, ({ payload }: Heard) => onPayload(name, payload));
    const topic = { users: 0, id };
    topics.set(name, topic);
    return topic;
  }
  function release(name: string, topic: Topic): void {
    topic.users -= 1;
    if (topic.users > 0) return;
    topics.delete(name);
    topic.id.then((id) => pubsub.unsubscribe(id)).catch(onFailure);
  }

  return {
    async attach(name) {
      const topic = topicOf(name);
      topic.users += 1;
      let isOver = false;
      await topic.id;
      return () => {
        if (!isOver) release(name, topic);
        isOver = true;
      };
    },
  };
}

/**
 * What graphql-redis-subscriptions takes for its connection. It would subscribe topic by topic, leave the promises of `unsubscribe`
 * and `punsubscribe` to nobody, where a rejection ends the process, and hand damaged payloads on as text. So it asks the
 * subscriptions, which ask Redis in batches and never reject; it never sees a pattern; and what it hands out was looked at before.
 */
function standIn({ subscriber, subscriptions, hear }: Settings): Redis {
  const heard = new EventEmitter();
  subscriber.on('message', (topic: string, frame: string) => {
    const payload = hear(frame);
    if (payload !== undefined) heard.emit('message', topic, payload);
  });
  const connection = {
    on: heard.on.bind(heard),
    subscribe(topic: string, onActive: (failure?: Error | null) => void) {
      subscriptions.add(topic, () => onActive());
    },
    unsubscribe: (topic: string) => subscriptions.remove(topic),
    punsubscribe: () => undefined,
  };
  return connection as unknown as Redis; // it uses these four
}
