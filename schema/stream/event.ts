import type { ChannelId, Seq, UserId } from '../ids.ts';

/** Roles in a channel, highest first. */
export const roles = ['OWNER', 'ADMIN', 'MEMBER'] as const;
export type Role = (typeof roles)[number];

/**
 * Every kind of event a channel's log can hold, with the number that is stored. Numbers are for ever.
 * The GraphQL types mirror the words: `message.sent` ↔ `MessageSent`.
 */
export const eventKinds = {
  'message.sent': 1,
  'message.edited': 2,
  'message.deleted': 3,
  'member.added': 4,
  'member.removed': 5,
  'member.role-changed': 6,
  'channel.updated': 7,
} as const;
export type EventKind = keyof typeof eventKinds;

/**
 * The first letter of a stored nonce says who chose it: what clients send begins with `c:`, so no client can reach the
 * nonces that the server makes for its own events (`s:`).
 */
export const clientNonce = (nonce: string) => `c:${nonce}`;
export const serverNonce = (nonce: string) => `s:${nonce}`;

/** An event that is to be recorded: the log gives it its place. */
export type EventDraft = {
  readonly kind: EventKind;
  /** Who did it; `serverAuthorId` for what the server records itself. */
  readonly authorId: UserId;
  /** With its letter. One (channel, author, nonce) is at most one event, for ever. */
  readonly nonce: string;
  /** The text of a sent or edited message; a `MemberChange` or `ChannelUpdated` as JSON for what concerns the channel; empty for a deletion. */
  readonly body: string;
  /** The message that is edited or deleted, or that a sent one answers. */
  readonly refSeq?: Seq;
  /** Of an edit: only while the message has this revision. Such a draft is a round of its own. */
  readonly ifRevision?: Seq;
};

/** Which message of the same channel another one answers. */
export type AnsweredMessage = { readonly seq: Seq; readonly number: number };

/** A message as it is now. `revision` is the `seq` of the newest change: of two copies the larger is newer. */
export type StoredMessage = {
  readonly channelId: ChannelId;
  readonly seq: Seq;
  readonly number: number;
  readonly authorId: UserId;
  /** As the client chose it, without the letter. */
  readonly nonce: string;
  /** Null when deleted. */
  readonly text: string | null;
  readonly revision: Seq;
  /** The message that this one answers; null when it answers none. Never its text: that can be edited, or must be gone. */
  readonly replyTo: AnsweredMessage | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
};

/** A committed entry of a channel's log. Frozen: readers of one process share it. */
export type LogEvent = {
  readonly channelId: ChannelId;
  readonly seq: Seq;
  /** How many messages the channel has up to here. */
  readonly number: number;
  readonly kind: EventKind;
  readonly authorId: UserId;
  readonly nonce: string;
  /** Milliseconds since 1970; never smaller than that of a smaller `seq`. */
  readonly createdAt: number;
  /** Of `message.*` always empty here: the text is in `message`, which forgets it when it is deleted. */
  readonly body: string;
  /** The message that is edited, deleted or answered. */
  readonly refSeq: Seq | null;
  /** For `message.*`: the message this event is about, as it was when the event was read, never older than the event. */
  readonly message: StoredMessage | null;
};

/**
 * What read positions depend on: an event of the log without any text. Edits, new roles and names are none of these, nor is a
 * second deletion of the same message.
 */
export type OutlineEvent = { readonly seq: Seq; readonly number: number } & (
  | {
      readonly kind: 'message.sent';
      readonly authorId: UserId;
      /** Where it was deleted, as known when this was read. */
      readonly deletedSeq: Seq | null;
    }
  | {
      readonly kind: 'message.deleted';
      /** Of the message, which had this number. */
      readonly authorId: UserId;
      readonly messageNumber: number;
    }
  | { readonly kind: 'member.added' | 'member.removed'; readonly userId: UserId }
);

/** What a member event says, in its `body`. */
export type MemberChange = { readonly userId: UserId; readonly by: UserId; readonly role: Role };

/** What was changed of a channel itself; what is not named stayed. */
export type ChannelUpdate = {
  readonly name?: string;
  readonly topic?: string | null;
  readonly historyVisibility?: 'FROM_JOINING' | 'ALL';
};

/** What `channel.updated` says, in its `body`. */
export type ChannelUpdated = { readonly by: UserId; readonly updated: ChannelUpdate };
