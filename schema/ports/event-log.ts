import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { EventDraft, LogEvent, OutlineEvent, StoredMessage } from '../stream/event.ts';

/** What an append answers for one draft. */
export type Appended = {
  readonly event: LogEvent;
  /** True when this nonce was in the log before: `event` is the first one, whatever this draft said. */
  readonly deduplicated: boolean;
};

/** Where a channel's log ends. A channel without events has head 0. */
export type Head = { readonly head: Seq; readonly messageCount: number; readonly lastCreatedAt: number };

/** The heads of some channels, read after the call began, and the epoch they belong to (raised by a restore from a backup). */
export type Heads = { readonly epoch: number; readonly heads: ReadonlyMap<ChannelId, Head> };

/** A page of messages by number, ascending. Exactly one side is open: `after` counts up from it, `before` counts down from it. */
export type MessageRange = {
  /** Only numbers larger than this. */
  readonly after?: number;
  /** Only numbers smaller than this. */
  readonly before?: number;
  /** Take the `limit` smallest (`first`) or largest (`last`) of what is left; the answer is ascending either way. */
  readonly take: 'first' | 'last';
  /** 1 to 1,000. */
  readonly limit: number;
  /** Also read what the messages of the page answer: in the same look, so that a page of replies costs no more. */
  readonly alsoAnswered?: boolean;
};

/** `messages` ascending by number. `answered`, when asked for: what they answer and is not among them, each once, in no order. */
export type MessagesPage = {
  readonly messages: readonly StoredMessage[];
  readonly answered: readonly StoredMessage[];
};

/** One message, by its place or by its number. */
export type MessageKey = { readonly channelId: ChannelId } & (
  | { readonly seq: Seq }
  | { readonly number: number }
);

/** A part of one channel's log: `after < seq <= upTo`, at most 1,000 places. */
export type Stretch = { readonly channelId: ChannelId; readonly after: Seq; readonly upTo: Seq };

/** The outcome of an append is not known: it may be in the log now, or later, or never. Repeat it with the same nonces. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/** Nothing was written: at the commit the message did not have the revision that the draft insisted on. */
export class StaleRevisionError extends Error {
  override readonly name = 'StaleRevisionError';
}

/** How long one attempt may take before its outcome counts as unknown, in milliseconds: a round takes a few; five attempts fit the stream's patience. */
export const appendTimeoutMs = 1_000;

/**
 * A durable log per channel: events 1 … head, without holes. **The commit itself allocates `seq`**, so whoever has seen
 * `seq` s can read every smaller one (promise G4), and an acknowledged event is there for ever, at that `seq` (G1).
 */
export interface EventLog {
  /**
   * Commits one round: 1 to 64 drafts with different (author, nonce), as one atomic unit in this order, skipping those whose
   * nonce is in the log already. Resolves when durable, one answer per draft in the order of the drafts. `now` is the
   * server's time in milliseconds; `createdAt` becomes max(now, that of the event before). Also brings the state of
   * edited and deleted messages up to date in the same commit: a deletion wins over every edit whichever comes later, and
   * erases the text everywhere. Rejects with `OutcomeUnknownError` when it cannot tell whether the round was committed, and
   * with `StaleRevisionError` when `ifRevision` does not hold at the commit itself (a nonce that is in the log answers all the
   * same). Whatever else it rejects with, nothing was written either: an edit, a deletion or a reply names no message.
   */
  append(channelId: ChannelId, drafts: readonly EventDraft[], now: number): Promise<readonly Appended[]>;
  /** Events with `after < seq <= after + limit` (limit ≤ 1,000) that exist, ascending, without holes. Messages in them as they are now. */
  read(channelId: ChannelId, after: Seq, limit: number): Promise<readonly LogEvent[]>;
  /** The heads as of a moment after the call; never larger than what `read` can read. Every asked channel is in the answer. */
  heads(channelIds: readonly ChannelId[]): Promise<Heads>;
  /** A page of messages as they are now, ascending by number; tombstones included. */
  messages(channelId: ChannelId, range: MessageRange): Promise<MessagesPage>;
  /** Some messages as they are now, in the order of the keys; undefined where there is none. */
  messagesAt(keys: readonly MessageKey[]): Promise<readonly (StoredMessage | undefined)[]>;
  /** The event that has this nonce (with its letter), if it is in the log. Finding nothing proves nothing about an append on its way. */
  findNonce(channelId: ChannelId, authorId: UserId, nonce: string): Promise<LogEvent | undefined>;
  /**
   * What read positions depend on in some stretches (at most 1,000), which may be of one channel: per stretch, ascending, what is
   * there. Read together, and without texts.
   */
  outlines(stretches: readonly Stretch[]): Promise<readonly (readonly OutlineEvent[])[]>;
  /** Waits for what is in flight, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * What became of one attempt to commit a round in a store where others may be first: it is there; somebody else was first (`lost`),
 * and it goes once more behind theirs; all or some of its nonces were there before (`known`); nobody knows (`unknown`), and it is
 * repeated; or the store found fault with it.
 */
export type AttemptOutcome = 'committed' | 'lost' | 'known' | 'unknown' | 'refused';

/** Told how a log fares with its store, for whoever watches the server. Called in the middle of things: it returns at once and never throws. */
export interface EventLogObserver {
  onAttempt(outcome: AttemptOutcome): void;
  /** The log of a channel goes on in its next part, as the one before it is full. */
  onRollOver(): void;
}
