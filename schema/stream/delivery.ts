import type { ChannelId, MemberId, UserId } from '../ids.ts';
import type { LogEvent } from './event.ts';

/** Why a part of the stream cannot be replayed from where the client was. */
export type ResetReason = 'TOO_FAR_BEHIND' | 'LOG_RESTORED' | 'EXPIRED';

type Base = {
  /** The same whenever this event is sent again. */
  readonly eventId: string;
  /** Encoded: one place for a single event, every place for a checkpoint. */
  readonly cursor: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

/**
 * An event of a channel's log on its way to viewers. One object per process, whoever reads it (`isShared`), so that what is
 * made of it (a serialised frame) can be kept beside it and lives as long as it does.
 */
export type LogDelivery = Base & {
  readonly type: 'log';
  readonly channelId: ChannelId;
  readonly event: LogEvent;
  /** False for a copy made for one viewer, who may not see the channel any more: never share what is made of it. */
  readonly isShared: boolean;
};

/**
 * Positions of these members moved, or can be seen by others now, or no longer: all that did since the reader was told last. Shared
 * like an event of the log, by all who are none of them.
 */
export type PositionsDelivery = Base & {
  readonly type: 'positions';
  readonly channelId: ChannelId;
  readonly memberIds: readonly MemberId[];
  readonly isShared: boolean;
};

/** What may serve several viewers. */
export type SharedDelivery = LogDelivery | PositionsDelivery;

/** What `events` yields, and `changes` lists. */
export type Delivery =
  | SharedDelivery
  | (Base & { readonly type: 'viewer.channel'; readonly channelId: ChannelId; readonly isMember: boolean })
  | (Base & { readonly type: 'sync.reset'; readonly channelId: ChannelId; readonly reason: ResetReason })
  | (Base & { readonly type: 'viewer.changed' })
  | (Base & { readonly type: 'contact.changed'; readonly userId: UserId })
  | (Base & { readonly type: 'viewer.reset'; readonly reason: ResetReason })
  | (Base & { readonly type: 'caught.up' })
  | (Base & { readonly type: 'checkpoint' });

/** Who wrote the message that this is about; undefined when it is not about one. */
export const authorOf = (delivery: Delivery | { readonly type: 'typing' }): UserId | undefined =>
  delivery.type === 'log' ? delivery.event.message?.authorId : undefined;
