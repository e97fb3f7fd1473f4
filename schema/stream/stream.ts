import type { ChannelId, UserId } from '../ids.ts';
import type { Appended, EventLog } from '../ports/event-log.ts';
import type { Membership, MembershipDecision, Memberships, Roster } from '../ports/memberships.ts';
import type { Delivery, LogDelivery } from './delivery.ts';
import type { EventDraft } from './event.ts';
import type { MessagesWanted } from './message-reader.ts';

/** An endless source that keeps nothing queued: pull with `next`, end with `return`. Never an `async function*`, which cannot be ended while it waits. */
export interface Reader<T> extends AsyncIterableIterator<T> {
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorResult<T, undefined>>;
}

/** A page of what `follow` would send. `cursor` is complete. */
export type ChangesPage = {
  readonly events: readonly Delivery[];
  readonly cursor: string;
  readonly hasMore: boolean;
};

/** The heart: order, resume and fan-out inside one process. The only place where a commit meets its announcement. */
export interface Stream {
  /**
   * Commits one event, then announces it. Resolves when it is durable. Rejects with `RATE_LIMITED` (too much waiting for this
   * channel) or `UNAVAILABLE` (no answer from the log for 5 s): both may be repeated with the same nonce.
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
  /** What `follow` would send now, at most `first` events. */
  changes(userId: UserId, after: readonly string[], first: number): Promise<ChangesPage>;
  /** A complete cursor of what is durable now: whatever is read after this call began shows at least that. */
  syncCursor(userId: UserId): Promise<string>;
  /** This user's membership in a channel, past ones too. May be up to 2 s old: for the right to send. */
  membershipOf(userId: UserId, channelId: ChannelId): Promise<Membership | undefined>;
  /** Reading who belongs where, never cached: for history and queries. */
  readonly memberships: Pick<Memberships, 'of' | 'feedOf'>;
  /** Reading what is durable, never cached: for history and queries. */
  readonly history: Pick<EventLog, 'messages' | 'messagesAt' | 'heads' | 'findNonce'>;
  /** Ends all readers, waits for appends in flight (at most 5 s). False when something that may have been acknowledged could not be finished. */
  close(): Promise<boolean>;
}
