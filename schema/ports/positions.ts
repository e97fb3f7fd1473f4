import type { ChannelId, MemberId, Seq, UserId } from '../ids.ts';
import type { Position, Summary } from '../stream/positions/summary.ts';
import type { FeedMoved } from './memberships.ts';

/** One member's position, as it is stored: of those who are in the channel, or were at `appliedSeq`. */
export type StoredPosition = Position & { readonly memberId: MemberId };

/** Everybody's positions in one channel, of one moment. Of a channel without any, everything is 0 and nobody is there. */
export type ChannelPositions = {
  readonly epoch: number;
  /** Grows with every write. */
  readonly version: number;
  /** The log up to here has been taken into account, which has this many messages. */
  readonly appliedSeq: Seq;
  readonly appliedNumber: number;
  readonly positions: readonly StoredPosition[];
};

export type PositionsWrite = {
  readonly appliedSeq: Seq;
  readonly appliedNumber: number;
  /** Of all positions after this write. */
  readonly summary: Summary;
  /** Those that changed; the others stay. */
  readonly changed: readonly (Pick<Position, 'userId' | 'counters'> & {
    /** The others in the channel are to be told. */
    readonly isTold: boolean;
    /** Their own other devices are to be told, by their feed. */
    readonly movesFeed: boolean;
  })[];
  /** Milliseconds since 1970. */
  readonly now: number;
};

export type PositionsWritten = { readonly version: number; readonly moved: readonly FeedMoved[] };

/** Whose positions the others are to be told of, compacted: each member once. */
export type MovedPositions = {
  readonly epoch: number;
  /** Complete up to here. */
  readonly version: number;
  /** When this version was written, in milliseconds since 1970. */
  readonly at: number;
  readonly memberIds: readonly MemberId[];
};

/** A channel whose positions others see otherwise now. */
export type PositionsShared = {
  readonly channelId: ChannelId;
  readonly memberId: MemberId;
  readonly version: number;
};

/**
 * How far members have read and received, per channel by versions whose order is the order of commits. A projection of the log
 * with marks in it: whoever writes has read the log, and writes only if nobody else did meanwhile.
 */
export interface Positions {
  /** Of several channels (at most 1,000), each of one moment. Every asked channel is in the answer. */
  of(channelIds: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, ChannelPositions>>;
  /**
   * One transaction, if the channel is still at this version of this epoch; undefined if it is not, and then nothing was written.
   * Durable when it resolves. When it rejects, it may have been written: read again.
   */
  write(
    channelId: ChannelId,
    at: Pick<ChannelPositions, 'epoch' | 'version'>,
    write: PositionsWrite,
  ): Promise<PositionsWritten | undefined>;
  /** Whose positions moved after this version. Of who is in the channel no more, nothing. */
  movedAfter(channelId: ChannelId, version: number): Promise<MovedPositions>;
  /** The newest version of each of these channels (at most 1,000), to notice a lost hint. */
  versions(
    channelIds: readonly ChannelId[],
  ): Promise<{ readonly epoch: number; readonly versions: ReadonlyMap<ChannelId, number> }>;
  /**
   * Changes whether others see the positions of this person, in all channels that they are in, and tells that as a change of the
   * person's own things. Summaries made before hold no longer: the next write of a channel makes its one anew. Undefined when
   * nothing changed.
   */
  share(
    userId: UserId,
    isShared: boolean,
    now: number,
  ): Promise<{ readonly moved: FeedMoved; readonly channels: readonly PositionsShared[] } | undefined>;
}
