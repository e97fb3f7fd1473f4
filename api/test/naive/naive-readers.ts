import { chatError } from '../../../schema/errors.ts';
import type { ChannelId, UserId } from '../../../schema/ids.ts';
import type { Membership } from '../../../schema/ports/memberships.ts';
import type { CursorCodec, Position } from '../../../schema/stream/cursor.ts';
import type { Delivery } from '../../../schema/stream/delivery.ts';
import { isRemovalOf } from '../../../schema/stream/follow.ts';
import { parseFeedHint, userTopic } from '../../../schema/stream/hint.ts';
import { joinedSeqOf, leftSeqOf } from '../../../schema/stream/intervals.ts';
import type { StreamSettings } from '../../../schema/stream/open-stream.ts';
import {
  createEnd,
  createPulledReader,
  type End,
  pullPatiently,
} from '../../../schema/stream/pulled-reader.ts';
import type { Stream } from '../../../schema/stream/stream.ts';
import { createWaker } from '../../../schema/stream/waker.ts';
import { type NaiveChannel, openNaiveChannel } from './naive-channel.ts';
import { createDeliveries, type Deliveries } from './naive-deliveries.ts';
import type { NaiveLog } from './naive-log.ts';

type Deps = Pick<StreamSettings, 'bus' | 'memberships' | 'clock'> & {
  readonly log: NaiveLog;
  readonly codec: CursorCodec;
};
type Follower = Deps & {
  readonly userId: UserId;
  readonly deliveries: Deliveries;
  readonly end: End;
  readonly channels: Map<ChannelId, NaiveChannel>;
  /** What was heard and is still to be sent. */
  readonly queue: Delivery[];
  readonly onNews: () => void;
  epoch: number;
  /** The version up to which the rows of the viewer were read, and the newest that was heard of. */
  feedAt: number;
  feedHeard: number;
};

/** Who reads more slowly than that has to come back. */
const mostQueued = 10_000;
/** As the product: a complete cursor each so many events; later while there is more to send. */
const checkpointEvery = { events: 100, atMost: 500 } as const;

/** Everybody who is told what is published. */
export type NaiveReaders = Pick<Stream, 'follow'> & { endAll(): void };

export function createNaiveReaders(deps: Deps): NaiveReaders {
  const deliveries = createDeliveries(deps.codec, deps.clock.now);
  const open = new Set<End>();
  let isClosed = false;

  return {
    async follow(userId, after, signal) {
      const position = after && deps.codec.merge(userId, after);
      const end = createEnd(signal);
      const waker = createWaker(end);
      const follower = createFollower({ ...deps, userId, deliveries, end, onNews: waker.onNews });
      open.add(end);
      end.whenOver(() => {
        open.delete(end);
        for (const { stop } of follower.channels.values()) stop();
      });
      if (isClosed) end.bring();
      try {
        await begin(follower, position);
      } catch (failure) {
        end.bring();
        throw failure;
      }
      return createPulledReader(end, createPull(follower, waker.wait));
    },
    endAll() {
      isClosed = true;
      for (const end of [...open]) end.bring();
    },
  };
}

const createFollower = (
  given: Deps & Pick<Follower, 'userId' | 'deliveries' | 'end' | 'onNews'>,
): Follower => ({ ...given, channels: new Map(), queue: [], epoch: 0, feedAt: 0, feedHeard: 0 });

async function begin(follower: Follower, position: Position | undefined): Promise<void> {
  const { bus, memberships, userId, end } = follower;
  const stop = await bus.subscribe(userTopic(userId), (payload) => {
    follower.feedHeard = Math.max(follower.feedHeard, parseFeedHint(payload)?.version ?? 0);
    follower.onNews();
  });
  end.whenOver(stop);
  const page = await memberships.feedOf(userId, 0);
  Object.assign(follower, { epoch: page.epoch, feedAt: page.version });
  const news = page.memberships.filter((row) => position && row.feedVersion > position.feed.at);
  for (const row of news) follower.queue.push(follower.deliveries.ofMembership(userId, row, page));
  const at = ({ channelId }: Membership) => position?.channels.get(channelId)?.at;
  await Promise.all(
    page.memberships.map((row) => start(follower, row, position && (at(row) ?? joining(row)))),
  );
}

const joining = (row: Membership) => (joinedSeqOf(row) ?? 1) - 1;

async function start(follower: Follower, row: Membership, after: number | undefined): Promise<void> {
  const { channelId, intervals, progress } = row;
  const { channels, queue, deliveries, end, epoch } = follower;
  const joinedSeq = joinedSeqOf(row);
  if (joinedSeq === undefined || channels.has(channelId)) return;
  const push = (delivery: Delivery) => {
    if (queue.push(delivery) > mostQueued) end.bring();
    follower.onNews();
  };
  const channel = await openNaiveChannel(follower, {
    ...{ channelId, joinedSeq, intervals, after, positionsAt: progress.version, epoch },
    heard: {
      onEvent: (event) => push(deliveries.ofEvent(event, epoch)),
      onPositions: (id, hint) => push(deliveries.ofPositions(id, hint)),
    },
  });
  if (end.isOver()) channel.stop();
  else channels.set(channelId, channel);
}

function drop({ channels }: Follower, channelId: ChannelId): void {
  channels.get(channelId)?.stop();
  channels.delete(channelId);
}

/** Somebody said that the rows of the viewer changed. */
async function readRows(follower: Follower): Promise<void> {
  const { memberships, userId, queue, deliveries, feedAt } = follower;
  const page = await memberships.feedOf(userId, feedAt);
  for (const row of page.memberships) {
    if (joinedSeqOf(row) === undefined && leftSeqOf(row) === undefined) continue; // it will be told once more
    queue.push(deliveries.ofMembership(userId, row, page));
    if (row.state === 'ACTIVE') await start(follower, row, joining(row));
    else drop(follower, row.channelId);
  }
  follower.feedAt = page.version;
}

/** The next in the queue; its place is what the next cursor names, if it is further than any before. */
function take(follower: Follower): Delivery | undefined {
  const { queue, channels, userId } = follower;
  const delivery = queue.shift();
  if (delivery === undefined || !('channelId' in delivery)) return delivery;
  const channel = channels.get(delivery.channelId);
  if (delivery.type === 'log' && channel !== undefined)
    channel.newest = Math.max(channel.newest, delivery.event.seq);
  if (delivery.type !== 'log' || !isRemovalOf(userId, delivery)) return delivery;
  if (delivery.event.seq < (channel?.joinedSeq ?? 0)) return delivery; // they are back since
  drop(follower, delivery.channelId);
  return { ...delivery, isShared: false };
}

function cursorOf({ codec, userId, epoch, feedAt, channels }: Follower): string {
  const places = [...channels.values()].map(
    ({ channelId, newest, positionsAt }) => [channelId, newest, positionsAt] as const,
  );
  return codec.complete(userId, { epoch, feed: feedAt, channels: places });
}

function createPull(follower: Follower, wait: () => Promise<void>): () => Promise<Delivery | undefined> {
  const { end, queue, deliveries, clock } = follower;
  let isCaughtUp = false;
  let sinceCheckpoint = 0;
  const marker = (type: 'caught.up' | 'checkpoint') => {
    sinceCheckpoint = 0;
    return deliveries.ofMarker(type, cursorOf(follower));
  };
  return async () => {
    while (!end.isOver()) {
      const isDue = sinceCheckpoint >= checkpointEvery.events && queue.length === 0;
      if (isDue || sinceCheckpoint >= checkpointEvery.atMost) return marker('checkpoint');
      const delivery = take(follower);
      if (delivery !== undefined) {
        sinceCheckpoint += 1;
        return delivery;
      }
      if (follower.feedHeard > follower.feedAt) {
        await pullPatiently(async () => readRows(follower).then(() => undefined), clock, end);
        if (follower.feedHeard > follower.feedAt) follower.feedHeard = follower.feedAt; // a hint that was wrong
      } else if (!isCaughtUp) {
        isCaughtUp = true;
        return marker('caught.up');
      } else await wait();
    }
    if (queue.length > mostQueued) throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });
    return undefined;
  };
}
