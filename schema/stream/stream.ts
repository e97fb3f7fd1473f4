import type { ChannelId, UserId } from '../ids.ts';
import type { Appended, EventLog, Head } from '../ports/event-log.ts';
import type {
  FeedMoved,
  Membership,
  MembershipDecision,
  Memberships,
  OwnState,
  Roster,
} from '../ports/memberships.ts';
import type { Positions } from '../ports/positions.ts';
import type { Acknowledged, Claim } from './acknowledging.ts';
import type { Delivery, LogDelivery } from './delivery.ts';
import type { EventDraft } from './event.ts';
import type { MessagesWanted } from './message-reader.ts';
import type { Mark } from './positions/round.ts';

/** An endless source that keeps nothing queued: pull with `next`, end with `return`. Never an `async function*`, which cannot be ended while it waits. */
export interface Reader<T> extends AsyncIterableIterator<T> {
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorResult<T, undefined>>;
}

/** Which page of what `follow` would send. `waitMs`: for so long, at most, an answer waits until there is something. */
export type ChangesWanted = {
  readonly after: readonly string[];
  readonly first: number;
  readonly waitMs: number;
};

/** A page of what `follow` would send. `cursor` is complete. */
export type ChangesPage = {
  readonly events: readonly Delivery[];
  readonly cursor: string;
  readonly hasMore: boolean;
};

/** A moment of everything that concerns one user. */
export type SyncPoint = {
  /** Complete. */
  readonly cursor: string;
  /** All there ever were, as they were before the heads were read: of a channel, the cursor may name more than they show. */
  readonly memberships: readonly Membership[];
  /** Of the channels that the user is in. */
  readonly heads: ReadonlyMap<ChannelId, Head>;
};

/** The heart: order, resume and fan-out inside one process. The only place where a commit meets its announcement. */
export interface Stream {
  /**
   * Commits one event, then announces it; whoever was to be told of what is said (`StreamSettings.told`) is, too, and nobody waits for
   * that. Resolves when it is durable. Rejects with `RATE_LIMITED` (too much waiting for this
   * channel) or `UNAVAILABLE` (no answer from the log for 5 s): both may be repeated with the same nonce. Rejects with a
   * `StaleRevisionError` when the draft insists on a revision that the message has no more: nothing was recorded then.
   */
  record(channelId: ChannelId, draft: EventDraft): Promise<Appended>;
  /**
   * Changes who belongs to a channel and resolves when the log has it. Undefined when there is no such channel. Rejects with
   * `UNAVAILABLE` when the rows are written but the log has not answered for 5 s: the outbox does the rest.
   */
  changeMembership<R>(
    channelId: ChannelId,
    who: { readonly by: UserId; readonly candidates: readonly UserId[] },
    decide: (roster: Roster) => MembershipDecision<R>,
  ): Promise<R | undefined>;
  /** Changes what a present member set for themselves in a channel, and tells their devices. False when they are no member now. */
  changeOwn(userId: UserId, channelId: ChannelId, own: Partial<OwnState>): Promise<boolean>;
  /**
   * Moves how far a member has read and received, forward only; numbers beyond the newest message mean that one. Resolves when it is
   * durable, and announced. Of who is no member nothing changes. Rejects with `RATE_LIMITED` or `UNAVAILABLE`: it may be repeated.
   */
  mark(channelId: ChannelId, userId: UserId, mark: Mark): Promise<void>;
  /** Soon takes the log of a channel into account for the positions of its members, so that less of it is left to whoever asks. */
  catchUp(channelId: ChannelId): void;
  /**
   * What a device says it holds, as one complete cursor, and what of it is to be marked as received. Stores nothing. Rejects with
   * `BAD_USER_INPUT` for a damaged or foreign cursor, and as long as none of them was complete.
   */
  acknowledge(userId: UserId, claim: Claim): Promise<Acknowledged>;
  /** Changes whether others see how far this person has read and received, in all their channels. False when it is so already. */
  sharePositions(userId: UserId, isShared: boolean): Promise<boolean>;
  /** To be called when a transaction that moved a user's feed (`moveViewerFeed`) is committed: tells their devices. */
  announceFeed(moved: FeedMoved): void;
  /**
   * To be called when a transaction is committed that changed who may send in this channel, and was no change of its members: a
   * block. Every send that comes after it is judged by the rows; one that comes through another process may pass for 2 s.
   */
  forgetRights(channelId: ChannelId): void;
  /** Everything durable that concerns this user, from these cursors, or from now. Rejects with `BAD_USER_INPUT` for a damaged or foreign cursor. */
  follow(
    userId: UserId,
    after: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<Reader<Delivery>>;
  /** The `message.sent` events of one channel with a number larger than `afterNumber`, then each new one. Ends when the user is no member any more. Undefined when the user may not. */
  followMessages(
    userId: UserId,
    wanted: MessagesWanted,
    signal: AbortSignal,
  ): Promise<Reader<LogDelivery> | undefined>;
  /**
   * What `follow` would send now, at most `first` events. While there is nothing, it waits for up to `waitMs`; the page is empty
   * when that is over, when `signal` aborts, or when the stream closes. Rejects with `BAD_USER_INPUT` for a damaged or foreign
   * cursor, with `RATE_LIMITED` when too many of this user's wait already, and with `UNAVAILABLE` where it cannot wait any more.
   */
  changes(userId: UserId, wanted: ChangesWanted, signal: AbortSignal): Promise<ChangesPage>;
  /** What is durable now, with its complete cursor: whatever is read after this call began shows at least that. */
  syncPoint(userId: UserId): Promise<SyncPoint>;
  /** This user's membership in a channel, past ones too. May be up to 2 s old: for the right to send. */
  membershipOf(userId: UserId, channelId: ChannelId): Promise<Membership | undefined>;
  /** Reading who belongs where, never cached: for history and queries. */
  readonly memberships: Pick<Memberships, 'of' | 'feedOf'>;
  /** Reading how far members are, never cached: for queries. */
  readonly positions: Pick<Positions, 'of'>;
  /** Reading what is durable, never cached: for history and queries. */
  readonly history: Pick<EventLog, 'messages' | 'messagesAt' | 'heads' | 'findNonce' | 'outlines'>;
  /** Ends all readers, waits for appends in flight (at most 5 s). False when something that may have been acknowledged could not be finished. */
  close(): Promise<boolean>;
}
