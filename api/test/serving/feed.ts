import { type ChannelId, channelIdOf, type UserId, userIdOf } from '../../../schema/ids.ts';
import type { Delivery, LogDelivery } from '../../../schema/stream/delivery.ts';
import type { LogEvent, StoredMessage } from '../../../schema/stream/event.ts';
import type { Reader } from '../../../schema/stream/stream.ts';

/** A stream of deliveries that a test fills by hand. */
export type Feed = {
  push(delivery: Delivery): void;
  /** Ends all readers from the side of the source. */
  end(): void;
  fail(error: Error): void;
  open(): Reader<Delivery>;
  /** Readers that were opened and have not ended. */
  readonly liveReaders: number;
  /** The most that ever lived at once. */
  readonly mostLiveReaders: number;
  /** How many deliveries were pulled, by all readers together. */
  readonly pulled: number;
  readonly opened: number;
};

type Waiter = { readonly resolve: () => void };

export function createFeed(): Feed {
  const deliveries: Delivery[] = [];
  const waiters = new Set<Waiter>();
  const live = new Set<object>();
  let failure: Error | undefined;
  let isOver = false;
  const counts = { pulled: 0, opened: 0, mostLive: 0 };
  const wake = () => {
    for (const waiter of [...waiters]) waiter.resolve();
    waiters.clear();
  };

  function open(): Reader<Delivery> {
    let position = deliveries.length;
    let isEnded = false;
    counts.opened += 1;
    const end = () => {
      isEnded = true;
      live.delete(reader);
      wake();
      return { done: true, value: undefined } as const;
    };
    const reader: Reader<Delivery> = {
      async next() {
        for (;;) {
          if (failure !== undefined) {
            end();
            throw failure;
          }
          if (isEnded || isOver) return end();
          const value = deliveries[position];
          if (value !== undefined) {
            position += 1;
            counts.pulled += 1;
            return { done: false, value };
          }
          await new Promise<void>((resolve) => waiters.add({ resolve }));
        }
      },
      return: () => Promise.resolve(end()),
      [Symbol.asyncIterator]: () => reader,
    };
    live.add(reader);
    counts.mostLive = Math.max(counts.mostLive, live.size);
    return reader;
  }

  return {
    open,
    push(delivery) {
      deliveries.push(delivery);
      wake();
    },
    end() {
      isOver = true;
      wake();
    },
    fail(error) {
      failure = error;
      wake();
    },
    get liveReaders() {
      return live.size;
    },
    get mostLiveReaders() {
      return counts.mostLive;
    },
    get pulled() {
      return counts.pulled;
    },
    get opened() {
      return counts.opened;
    },
  };
}

export const channelId: ChannelId = channelIdOf(7n);

type Given = { readonly authorId?: UserId; readonly text?: string; readonly isShared?: boolean };

/** A message on its way, the `seq`-th event of its channel. */
export function messageDelivery(seq: number, { isShared = true, ...given }: Given = {}): LogDelivery {
  const message = storedMessage(seq, given);
  const { number, authorId, createdAt } = message;
  const event: LogEvent = {
    channelId,
    seq,
    number,
    kind: 'message.sent',
    authorId,
    nonce: `c:${message.nonce}`,
    createdAt,
    body: '',
    refSeq: null,
    message,
  };
  const [eventId, cursor] = [`${channelId}.${seq}`, `cursor-${seq}`];
  return Object.freeze({ type: 'log', eventId, cursor, at: createdAt, channelId, event, isShared });
}

const storedMessage = (
  seq: number,
  { authorId = userIdOf(1n), text = `Message ${seq}` }: Given,
): StoredMessage => ({
  channelId,
  seq,
  number: seq,
  authorId,
  nonce: `nonce-${seq}`,
  text,
  revision: seq,
  replyTo: null,
  createdAt: 1_700_000_000_000 + seq,
  editedAt: null,
  deletedAt: null,
});

export const checkpointDelivery = (number: number): Delivery =>
  Object.freeze({ type: 'checkpoint', eventId: `checkpoint-${number}`, cursor: `all-${number}`, at: number });
