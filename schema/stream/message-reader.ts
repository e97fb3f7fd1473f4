import { chatError } from '../errors.ts';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Membership } from '../ports/memberships.ts';
import type { LogDelivery } from './delivery.ts';
import { type Follow, isRemovalOf, nextOf, seesAnswered } from './follow.ts';
import type { Hub } from './hub.ts';
import { newestInterval } from './intervals.ts';
import { createPulledReader, type End, pullPatiently } from './pulled-reader.ts';
import type { Reader } from './stream.ts';
import type { Waker } from './waker.ts';

export type MessagesWanted = {
  readonly channelId: ChannelId;
  /** Only messages with a larger number; undefined: only what comes from now on. */
  readonly afterNumber: number | undefined;
  /** The channel shows all its history to its members, not only what came after their joining. */
  readonly showsAll: boolean;
};

/**
 * The seq behind which a reader of messages starts; `head` is everything that was there before `membership` was read. Never
 * further on: in front of the first message can be the viewer's own removal, of which that membership does not know.
 */
export async function startOf(
  log: Pick<EventLog, 'messages'>,
  { channelId, afterNumber, showsAll }: MessagesWanted,
  { head, membership }: { readonly head: Seq; readonly membership: Membership },
): Promise<Seq> {
  if (afterNumber === undefined) return head;
  const after = showsAll ? afterNumber : Math.max(afterNumber, membership.intervals[0]?.joinedNumber ?? 0);
  const { messages } = await log.messages(channelId, { after, take: 'first', limit: 1 });
  const [first] = messages;
  return first === undefined ? head : Math.min(head, first.seq - 1);
}

type MessageReaderSettings = {
  readonly userId: UserId;
  readonly hub: Hub;
  readonly membership: Membership;
  readonly from: Seq;
  readonly wanted: MessagesWanted;
  readonly clock: Clock;
  readonly waker: Waker;
  readonly end: End;
};

/** The live reader behind `messageAdded`: the sent messages of one channel, until the viewer is no member any more. */
export function createMessageReader(settings: MessageReaderSettings): Reader<LogDelivery> {
  const { userId, hub, membership, from, wanted, clock, waker, end } = settings;
  const joinedSeq = newestInterval(membership)?.joinedSeq ?? 0;
  const follow: Follow = {
    channelId: wanted.channelId,
    hub,
    release: () => undefined,
    pos: from,
    positionsAt: hub.positions.version,
    memberId: membership.memberId,
    intervals: wanted.showsAll ? [everything] : membership.intervals,
    isLeaving: false,
    reset: undefined,
    page: undefined,
  };

  const isWanted = ({ event }: LogDelivery) =>
    event.kind === 'message.sent' && event.number > (wanted.afterNumber ?? 0);

  /** Whether all history is shown can change while this reads: what a message answers is looked at anew for who came later. */
  const sharedOr = (delivery: LogDelivery): LogDelivery => {
    const { message } = delivery.event;
    return message === null || seesAnswered(membership.intervals, message)
      ? delivery
      : { ...delivery, isShared: false };
  };

  async function pull(): Promise<LogDelivery | undefined> {
    while (!end.isOver()) {
      if (hub.isGone)
        throw chatError(
          'CONFLICT',
          'The log of this channel was restored: read its page again, then subscribe anew.',
        );
      const delivery = await pullPatiently(() => nextOf(follow), clock, end);
      if (delivery === undefined) await waker.wait();
      else if (isRemovalOf(userId, delivery) && delivery.event.seq > joinedSeq) return undefined;
      else if (isWanted(delivery)) return sharedOr(delivery);
    }
    return undefined;
  }

  return createPulledReader(end, pull);
}

const everything = {
  joinedVersion: 0,
  leftVersion: null,
  joinedSeq: 0,
  joinedNumber: 0,
  leftSeq: null,
  leftNumber: null,
} as const;
