import { randomUUID } from 'node:crypto';
import type { ChannelId, UserId } from '../../../schema/ids.ts';
import type { FeedPage, Membership } from '../../../schema/ports/memberships.ts';
import type { CursorCodec } from '../../../schema/stream/cursor.ts';
import type { Delivery, LogDelivery } from '../../../schema/stream/delivery.ts';
import type { LogEvent } from '../../../schema/stream/event.ts';
import type { PositionsHint } from '../../../schema/stream/hint.ts';

/** What a subscription is told, made of what was published and of rows. */
export type Deliveries = {
  /** One object per process of what was published, as the product has it. */
  ofEvent(event: LogEvent, epoch: number): LogDelivery;
  ofPositions(channelId: ChannelId, hint: PositionsHint): Delivery;
  ofMembership(userId: UserId, row: Membership, page: FeedPage): Delivery;
  ofMarker(type: 'caught.up' | 'checkpoint', cursor: string): Delivery;
};

export function createDeliveries(codec: CursorCodec, now: () => number): Deliveries {
  const made = new WeakMap<LogEvent, LogDelivery>();

  function deliveryOf(event: LogEvent, epoch: number): LogDelivery {
    const { channelId, seq, kind, message } = event;
    const eventId = `${epoch}.${channelId}.${seq}`;
    const cursor = codec.channel(epoch, channelId, seq);
    // What may look otherwise to somebody who came later is made for each of them.
    const isShared = kind === 'message.sent' && message?.replyTo === null;
    return { type: 'log', channelId, event, eventId, cursor, at: event.createdAt, isShared };
  }

  return {
    ofEvent(event, epoch) {
      const delivery = made.get(event) ?? deliveryOf(event, epoch);
      made.set(event, delivery);
      return delivery;
    },
    ofPositions: (channelId, { epoch, positions: { version, at, memberIds } }) => ({
      ...({ type: 'positions', isShared: false, channelId, memberIds, at } as const),
      eventId: `${epoch}.${channelId}.p${version}`,
      cursor: codec.positions(epoch, channelId, version),
    }),
    ofMembership: (userId, { channelId, feedVersion, state }, { epoch }) => ({
      ...({ type: 'viewer.channel', channelId, isMember: state === 'ACTIVE', at: now() } as const),
      eventId: `${epoch}.${userId}.${feedVersion}.${channelId}`,
      cursor: codec.feed(epoch, userId, feedVersion),
    }),
    ofMarker: (type, cursor) => ({ type, cursor, eventId: randomUUID(), at: now() }),
  };
}
