import type { Redis } from 'ioredis';

export type Published = { readonly topic: string; readonly frame: string };

/** What waits for an answer of Redis at most, in characters: while it stands still, hints must not fill the memory of those who give them. */
const mostWaiting = 16 * 1_024 * 1_024;

/** Publishes; never rejects, never blocks. */
export interface Publisher {
  publish(hint: Published): void;
  /** Resolves when Redis has answered for all that was published, which takes half a second at most. */
  close(): Promise<void>;
}

/**
 * What is published in one turn of the event loop goes to Redis in one pipeline: 3 µs each, where one by one they take 80. What was
 * not published, or perhaps was, is handed to `onLost`, and never sent again: by then it would be stale.
 */
export function createPublisher(commands: Redis, onLost: (lost: readonly Published[]) => void): Publisher {
  const sending = new Set<Promise<void>>();
  let queue: Published[] = [];
  let waiting = 0;

  async function send(hints: readonly Published[]): Promise<void> {
    const size = hints.reduce((sum, { topic, frame }) => sum + topic.length + frame.length, 0);
    if (commands.status !== 'ready' || waiting + size > mostWaiting) return onLost(hints);
    waiting += size;
    const pipeline = commands.pipeline();
    for (const { topic, frame } of hints) pipeline.publish(topic, frame);
    const answers = await pipeline.exec().catch(() => null);
    waiting -= size;
    const lost = hints.filter((_, index) => answers?.[index]?.[0] !== null);
    if (lost.length > 0) onLost(lost);
  }

  function sendQueue(): void {
    if (queue.length === 0) return;
    const hints = queue;
    queue = [];
    const sent = send(hints).finally(() => sending.delete(sent));
    sending.add(sent);
  }

  return {
    publish(hint) {
      if (queue.push(hint) === 1) setImmediate(sendQueue);
    },
    async close() {
      sendQueue();
      await Promise.all(sending);
    },
  };
}
