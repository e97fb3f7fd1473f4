import { chatError } from '../errors.ts';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Membership } from '../ports/memberships.ts';
import type { LogDelivery } from './delivery.ts';
import { type Follow, isRemovalOf, nextOf } from './follow.ts';
import type { Hub } from './hub.ts';
import { newestInterval } from './intervals.ts';
import type { Waker } from './reader.ts';
import type { Reader } from './stream.ts';

export type MessagesWanted = {
  readonly channelId: ChannelId;
  /** Only messages with a larger number; undefined: only what comes from now on. */
  readonly afterNumber: number | undefined;
  /** The channel shows all its history to its members, not only what came after their joining. */
  readonly showsAll: boolean;
};

/** The seq behind which a reader of messages starts. */
export async function startOf(
  log: Pick<EventLog, 'messages'>,
  { channelId, afterNumber, showsAll }: MessagesWanted,
  { hub, membership }: { readonly hub: Hub; readonly membership: Membership },
): Promise<Seq> {
  if (afterNumber === undefined) return hub.pos;
  const head = hub.pos; // before the read: what is committed meanwhile has a larger seq
  const after = showsAll ? afterNumber : Math.max(afterNumber, membership.intervals[0]?.joinedNumber ?? 0);
  const [first] = await log.messages(channelId, { after, take: 'first', limit: 1 });
  return first === undefined ? head : first.seq - 1;
}

type MessageReaderSettings = {
  readonly userId: UserId;
  readonly hub: Hub;
  readonly membership: Membership;
  readonly from: Seq;
  readonly wanted: MessagesWanted;
  readonly waker: Waker;
  readonly signal: AbortSignal;
  readonly release: () => void;
};

/** The live reader behind `messageAdded`: the sent messages of one channel, until the viewer is no member any more. */
export function createMessageReader(settings: MessageReaderSettings): Reader<LogDelivery> {
  const { userId, hub, membership, from, wanted, waker, signal, release } = settings;
  const joinedSeq = newestInterval(membership)?.joinedSeq ?? 0;
  const follow: Follow = {
    channelId: wanted.channelId,
    hub,
    release,
    pos: from,
    intervals: wanted.showsAll ? [everything] : membership.intervals,
    isLeaving: false,
    reset: undefined,
    page: [],
    used: 0,
  };
  let isDone = false;

  const isWanted = ({ event }: LogDelivery) =>
    event.kind === 'message.sent' && event.number > (wanted.afterNumber ?? 0);

  async function nextDelivery(): Promise<LogDelivery | undefined> {
    while (!signal.aborted) {
      if (hub.isGone)
        throw chatError(
          'CONFLICT',
          'The log of this channel was restored: read its page again, then subscribe anew.',
        );
      const delivery = await nextOf(follow);
      if (delivery === undefined) await waker.wait();
      else if (isRemovalOf(userId, delivery) && delivery.event.seq > joinedSeq) return undefined;
      else if (isWanted(delivery)) return delivery;
    }
    return undefined;
  }

  function finish(): { readonly done: true; readonly value: undefined } {
    if (!isDone) {
      isDone = true;
      release();
      waker.onNews();
    }
    return { done: true, value: undefined };
  }

  const reader: Reader<LogDelivery> = {
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
    [Symbol.asyncIterator]: () => reader,
  };
  return reader;
}

const everything = {
  joinedVersion: 0,
  leftVersion: null,
  joinedSeq: 0,
  joinedNumber: 0,
  leftSeq: null,
  leftNumber: null,
} as const;
