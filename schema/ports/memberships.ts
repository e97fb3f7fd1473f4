import type { ChannelId, MemberId, Seq, UserId } from '../ids.ts';
import type { NotificationLevel } from '../notification/notification.policy.ts';
import type { ChannelUpdate, Role } from '../stream/event.ts';
import type { Counters } from '../stream/positions/counters.ts';
import type { Summary } from '../stream/positions/summary.ts';

/** LEFT went by themselves, REMOVED was removed. */
export type MemberState = 'ACTIVE' | 'LEFT' | 'REMOVED';

/** A stretch of a channel's log that a member may see: `joinedSeq` to `leftSeq`, both included. Null until the log has that event. */
export type Interval = {
  readonly joinedVersion: number;
  readonly leftVersion: number | null;
  readonly joinedSeq: Seq | null;
  /** How many messages there were at joining: the member sees larger numbers. */
  readonly joinedNumber: number | null;
  readonly leftSeq: Seq | null;
  readonly leftNumber: number | null;
};

/** A place where people talk, as its row has it. */
export type Channel = {
  readonly id: ChannelId;
  readonly kind: 'DIRECT' | 'GROUP';
  readonly name: string | null;
  readonly topic: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly historyVisibility: 'FROM_JOINING' | 'ALL';
  readonly hasEnded: boolean;
  readonly memberCount: number;
  /** How many of the members are owners. */
  readonly ownerCount: number;
  /** The two people of a DIRECT channel; null of a GROUP. */
  readonly pair: readonly [UserId, UserId] | null;
  /** Of a DIRECT channel: one of the two has blocked the other, whichever. Never so of a GROUP. */
  readonly isBlocked: boolean;
};

/** What a member set for themselves in a channel. */
export type OwnState = {
  readonly isMuted: boolean;
  /** Milliseconds since 1970: muted up to then. Null: for good. */
  readonly mutedUntil: number | null;
  readonly isArchived: boolean;
  /** They want to come back to it: it counts as unread until they read in it. */
  readonly isMarkedUnread: boolean;
  /** Of what said here they want to be notified. Null: of what they want to be everywhere. */
  readonly notificationLevel: NotificationLevel | null;
};

/** How far a member is, and the slowest in their channel, both as of `appliedSeq`: the log goes on from there. See `Positions`. */
export type Progress = {
  readonly counters: Counters;
  /** Do others see it? */
  readonly isShared: boolean;
  /** Of the positions of the channel. */
  readonly version: number;
  readonly appliedSeq: Seq;
  readonly appliedNumber: number;
  /** Undefined when it does not hold any more: then all positions are to be looked at. */
  readonly summary: Summary | undefined;
};

/** A user in a channel, past or present. */
export type Membership = {
  readonly memberId: MemberId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  readonly role: Role;
  readonly state: MemberState;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  /** The membership version of the channel at the newest change. */
  readonly version: number;
  /** The feed version of the user at the newest change. */
  readonly feedVersion: number;
  /** All of them, oldest first; never empty. */
  readonly intervals: readonly Interval[];
  readonly own: OwnState;
  readonly progress: Progress;
  /** The channel as it was when this was read. For members only: who is one no more must not be shown it. */
  readonly channel: Channel;
};

/** Somebody who is to be added. */
export type Candidate = {
  /** How many channels they are in now. */
  readonly channelCount: number;
  /** They have blocked whoever decides, or are blocked by them. */
  readonly isBlocked: boolean;
};

/** What a decision about a channel's members may look at: all of it is locked until the decision is written. */
export type Roster = {
  readonly channel: Channel;
  /** Those who are members now, by joining. */
  readonly members: readonly { readonly userId: UserId; readonly role: Role }[];
  /** The candidates that exist. */
  readonly candidates: ReadonlyMap<UserId, Candidate>;
};

export type MembershipChange =
  | { readonly kind: 'ADDED'; readonly userId: UserId; readonly role: Role }
  | { readonly kind: 'REMOVED'; readonly userId: UserId; readonly state: 'LEFT' | 'REMOVED' }
  | { readonly kind: 'ROLE_CHANGED'; readonly userId: UserId; readonly role: Role };

export type MembershipDecision<R> = {
  /** In this order; ADDED only for candidates who are not members, the others only for members. May be empty. */
  readonly changes: readonly MembershipChange[];
  /** What changes of the channel itself; after all `changes`. Absent or empty: nothing. */
  readonly update?: ChannelUpdate;
  /** Archives the channel for good. */
  readonly endsChannel?: boolean;
  readonly result: R;
};

/** A change of a channel or its members that the log does not have yet. */
export type PendingChange = { readonly version: number; readonly by: UserId } & (
  | { readonly kind: 'ADDED' | 'REMOVED' | 'ROLE_CHANGED'; readonly userId: UserId; readonly role: Role }
  | { readonly kind: 'CHANNEL_UPDATED'; readonly updated: ChannelUpdate }
);

/** A user's feed moved to this version: a hint for those who follow it. */
export type FeedMoved = { readonly userId: UserId; readonly version: number };

export type MembershipsChanged<R> = {
  readonly result: R;
  /** The channel's membership version after the change. */
  readonly version: number;
  readonly moved: readonly FeedMoved[];
};

/** What changed in one user's feed, compacted: the newest state of each row. One consistent moment. */
export type FeedPage = {
  readonly epoch: number;
  /** Complete up to here. */
  readonly version: number;
  /** Rows older than this may be gone: who asked for less than it must start anew. */
  readonly minVersion: number;
  /** The version at which the user's own things (profile, settings, devices) changed last; 0 when they never did. */
  readonly viewerVersion: number;
  /** The version at which any of the user's contacts changed last, see `Contacts`; 0 when none ever did. */
  readonly contactsVersion: number;
  readonly memberships: readonly Membership[];
};

/**
 * Who belongs to which channel, by versions whose order is the order of commits: every change locks the channel's row, then
 * the rows of the users concerned, ids ascending. Rows are never deleted, they get a state. Each change is also queued,
 * in the same transaction, for the log, which says from which `seq` to which it holds.
 */
export interface Memberships {
  /**
   * One transaction: locks the channel and the candidates, lets `decide` (pure, synchronous, may run again) look at them,
   * writes its changes with a version each, and queues them for the log. Undefined when there is no such channel.
   */
  change<R>(
    channelId: ChannelId,
    who: { readonly by: UserId; readonly candidates: readonly UserId[]; readonly now: number },
    decide: (roster: Roster) => MembershipDecision<R>,
  ): Promise<MembershipsChanged<R> | undefined>;
  /**
   * Changes what a present member set for themselves, what is not named stays. A change of their feed, of nobody else's, and
   * nothing for the log. Undefined when they are no member now.
   */
  changeOwn(userId: UserId, channelId: ChannelId, own: Partial<OwnState>): Promise<FeedMoved | undefined>;
  /** What the log does not have yet, of versions up to `upTo`, in version order. At most 1,000. */
  pending(channelId: ChannelId, upTo: number): Promise<readonly PendingChange[]>;
  /** Some channels (at most `limit`) that have something pending since `olderThan` (milliseconds since 1970). */
  unsettled(olderThan: number, limit: number): Promise<readonly ChannelId[]>;
  /**
   * The log has these changes, at these places: fills the intervals and forgets what was pending. Repeating it is harmless
   * and moves no feed. Filling a place is itself a change of the user's feed; a new role has none to fill.
   */
  settle(
    channelId: ChannelId,
    placed: readonly { readonly version: number; readonly seq: Seq; readonly number: number }[],
  ): Promise<readonly FeedMoved[]>;
  /** What of this user's memberships changed after `after` (0: all there ever were). */
  feedOf(userId: UserId, after: number): Promise<FeedPage>;
  /** The newest feed version of each of these users (0 for one without rows), to notice a lost hint. */
  feedVersions(
    userIds: readonly UserId[],
  ): Promise<{ readonly epoch: number; readonly versions: ReadonlyMap<UserId, number> }>;
  /** This user's memberships, past ones too, in some channels: those there are, in no order. As of now, never cached. */
  of(userId: UserId, channelIds: readonly ChannelId[]): Promise<readonly Membership[]>;
}
