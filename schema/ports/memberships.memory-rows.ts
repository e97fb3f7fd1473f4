import type { ChannelId, MemberId, UserId } from '../ids.ts';
import type { ChannelUpdate, Role } from '../stream/event.ts';
import { type Counters, noCounters } from '../stream/positions/counters.ts';
import { noSummary, type Summary } from '../stream/positions/summary.ts';
import type {
  Channel as ChannelFacts,
  FeedMoved,
  Interval,
  MemberState,
  MembershipChange,
  Memberships,
  OwnState,
  PendingChange,
} from './memberships.ts';

// The rows of `memberships.memory.ts`, and what becomes of them.

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type Row = {
  readonly memberId: MemberId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  role: Role;
  state: MemberState;
  joinedAt: number;
  version: number;
  feedVersion: number;
  readonly intervals: Writable<Interval>[];
  own: OwnState;
  counters: Counters;
  /** The version at which others had something to be told of its position last. */
  positionsVersion: number;
};
/** How far everybody in a channel is, as `positions.memory.ts` writes it. */
export type Progress = {
  version: number;
  appliedSeq: number;
  appliedNumber: number;
  at: number;
  summary: Summary | undefined;
};
type Pending = PendingChange & { readonly createdAt: number };
export type Channel = {
  readonly id: ChannelId;
  facts: ChannelFacts;
  version: number;
  readonly rows: Map<UserId, Row>;
  pending: Pending[];
  readonly progress: Progress;
};
/** A person's feed version, and what it counts the changes of. */
export type User = {
  feedVersion: number;
  viewerVersion: number;
  contactsVersion: number;
  /** Do others see how far they have read? */
  isShared: boolean;
  readonly rows: Row[];
  /** The version at which what they have towards somebody changed last. */
  readonly contacts: Map<UserId, number>;
  /** Whom they have blocked. */
  readonly blocked: Set<UserId>;
};
export type Placed = Parameters<Memberships['settle']>[1][number];

export const newProgress = (): Progress => ({
  ...{ version: 0, appliedSeq: 0, appliedNumber: 0, at: 0, summary: noSummary },
});
const nothingOwn: OwnState = {
  ...{ isMuted: false, mutedUntil: null },
  ...{ isArchived: false, isMarkedUnread: false, notificationLevel: null },
};
const openIntervalOf = (row: Row) => row.intervals.find(({ leftVersion }) => leftVersion === null);
export const joinedVersionOf = (row: Row) => openIntervalOf(row)?.joinedVersion ?? 0;
export const isActive = ({ state }: Row) => state === 'ACTIVE';

type Place = {
  readonly users: ReadonlyMap<UserId, User>;
  readonly nextMemberId: () => MemberId;
  readonly channel: Channel;
};

export function apply(
  place: Place,
  change: MembershipChange,
  { by, now }: { by: UserId; now: number },
): FeedMoved {
  const { channel, users } = place;
  channel.version += 1;
  const { kind, userId } = change;
  const row = rowFor(place, change, now);
  row.version = channel.version;
  channel.pending.push({ version: row.version, kind, userId, by, role: row.role, createdAt: now });
  return move(users, row);
}

function rowFor(place: Place, change: MembershipChange, now: number): Row {
  if (change.kind === 'ADDED') return add(place, change, now);
  if (change.kind === 'REMOVED') return remove(place.channel, change);
  const row = place.channel.rows.get(change.userId);
  if (!row) throw new Error('A role for somebody who is no member.');
  row.role = change.role;
  return row;
}

export function update(
  channel: Channel,
  updated: ChannelUpdate | undefined,
  { by, now }: { by: UserId; now: number },
) {
  if (updated === undefined) return;
  channel.version += 1;
  channel.facts = { ...channel.facts, ...updated };
  const pending = { version: channel.version, kind: 'CHANNEL_UPDATED', updated, by, createdAt: now } as const;
  channel.pending.push(pending);
}

function add(
  { channel, users, nextMemberId }: Place,
  { userId, role }: { userId: UserId; role: Role },
  now: number,
): Row {
  let row = channel.rows.get(userId);
  if (!row) {
    const place = { memberId: nextMemberId(), channelId: channel.id, userId };
    const unwritten = { version: 0, feedVersion: 0, intervals: [], own: nothingOwn };
    const unmoved = { counters: noCounters, positionsVersion: 0 };
    row = { ...place, ...unwritten, ...unmoved, role, state: 'ACTIVE', joinedAt: now };
    channel.rows.set(userId, row);
    users.get(userId)?.rows.push(row);
  }
  Object.assign(row, { role, state: 'ACTIVE', joinedAt: now, own: nothingOwn });
  row.intervals.push({
    joinedVersion: channel.version,
    leftVersion: null,
    joinedSeq: null,
    joinedNumber: null,
    leftSeq: null,
    leftNumber: null,
  });
  return row;
}

function remove(channel: Channel, { userId, state }: { userId: UserId; state: 'LEFT' | 'REMOVED' }): Row {
  const row = channel.rows.get(userId);
  const interval = row && openIntervalOf(row);
  if (!interval) throw new Error('A member has no open interval.');
  interval.leftVersion = channel.version;
  row.state = state;
  return row;
}

/** The row that a place belongs to, filled and not pending any more; none when it was before. */
export function fill(channel: Channel, { version, seq, number }: Placed): Row[] {
  const change = channel.pending.find((pending) => pending.version === version);
  channel.pending = channel.pending.filter((pending) => pending !== change);
  // A new role and a new name have no place to fill.
  const row =
    change?.kind === 'ADDED' || change?.kind === 'REMOVED' ? channel.rows.get(change.userId) : undefined;
  if (!row) return [];
  for (const interval of row.intervals) {
    if (interval.joinedVersion === version) Object.assign(interval, { joinedSeq: seq, joinedNumber: number });
    if (interval.leftVersion === version) Object.assign(interval, { leftSeq: seq, leftNumber: number });
  }
  return [row];
}

export function userOf(users: ReadonlyMap<UserId, User>, { userId }: Pick<Row, 'userId'>): User {
  const user = users.get(userId);
  if (!user) throw new Error('A member has no user.');
  return user;
}

export function move(users: ReadonlyMap<UserId, User>, row: Row): FeedMoved {
  const user = userOf(users, row);
  user.feedVersion += 1;
  row.feedVersion = user.feedVersion;
  return { userId: row.userId, version: user.feedVersion };
}
