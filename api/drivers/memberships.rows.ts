import { channelIdOf, memberIdOf, userIdOf } from '../../schema/ids.ts';
import type {
  Channel,
  Interval,
  MemberState,
  Membership,
  OwnState,
  PendingChange,
} from '../../schema/ports/memberships.ts';
import type { ChannelUpdate, Role } from '../../schema/stream/event.ts';
import {
  type AppliedRow,
  appliedColumns,
  appliedOf,
  type CounterRow,
  counterColumns,
  countersOf,
  summaryOf,
} from './positions.rows.ts';

const msOf = (column: string) => `round(date_part('epoch', ${column}) * 1000)`;

/**
 * The columns of a channel `c`. Who has blocked whom is a look at a row by its primary key, however many are asked for: EXISTS could
 * be hashed.
 */
export const channelColumns = `c.id AS channel_id, c.kind AS channel_kind, c.name, c.topic, c.history_visibility,
  ${msOf('c.created_at')} AS created_ms, c.ended_at IS NOT NULL AS has_ended, c.member_count, c.owner_count,
  c.direct_low_id, c.direct_high_id,
  c.kind = 'DIRECT' AND (
    coalesce((SELECT k.is_blocked FROM contact k
      WHERE k.user_id = c.direct_low_id AND k.other_id = c.direct_high_id), false)
    OR coalesce((SELECT k.is_blocked FROM contact k
      WHERE k.user_id = c.direct_high_id AND k.other_id = c.direct_low_id), false)
  ) AS is_blocked`;

/** As `pg` gives it: a bigint is a string, inside JSON a number. */
export type ChannelRow = {
  readonly channel_id: string;
  readonly channel_kind: Channel['kind'];
  readonly name: string | null;
  readonly topic: string | null;
  readonly history_visibility: Channel['historyVisibility'];
  readonly created_ms: number;
  readonly has_ended: boolean;
  readonly member_count: number;
  readonly owner_count: number;
  readonly direct_low_id: string | null;
  readonly direct_high_id: string | null;
  readonly is_blocked: boolean;
};

export const channelOf = (row: ChannelRow): Channel => ({
  id: channelIdOf(row.channel_id),
  kind: row.channel_kind,
  name: row.name,
  topic: row.topic,
  createdAt: row.created_ms,
  historyVisibility: row.history_visibility,
  hasEnded: row.has_ended,
  memberCount: row.member_count,
  ownerCount: row.owner_count,
  pair:
    row.direct_low_id === null || row.direct_high_id === null
      ? null
      : [userIdOf(row.direct_low_id), userIdOf(row.direct_high_id)],
  isBlocked: row.is_blocked,
});

/** The columns of a membership `m` of a user `u` in its channel `c`, its intervals with it, oldest first, and how far it is. */
export const membershipColumns = `m.id, m.user_id, m.role, m.state, m.version, m.feed_version,
  ${msOf('m.joined_at')} AS joined_ms, m.is_muted, ${msOf('m.muted_until')} AS muted_until_ms, m.is_archived, m.is_marked_unread,
  m.notification_level,
  ${channelColumns}, ${counterColumns}, ${appliedColumns}, u.shares_read_position,
  (SELECT json_agg(json_build_array(
      i.joined_version, i.left_version, i.joined_seq, i.joined_number, i.left_seq, i.left_number
    ) ORDER BY i.joined_version)
   FROM member_interval i WHERE i.member_id = m.id) AS intervals`;
/** What stands behind `FROM … member m` and its user `u` for these columns. */
export const membershipJoins = `LEFT JOIN channel c ON c.id = m.channel_id
  LEFT JOIN channel_position p ON p.channel_id = m.channel_id`;

type IntervalRow = readonly [number, ...(number | null)[]];
export type MembershipRow = ChannelRow &
  CounterRow &
  AppliedRow & {
    readonly id: string;
    readonly user_id: string;
    readonly role: Role;
    readonly state: MemberState;
    readonly version: string;
    readonly feed_version: string;
    readonly joined_ms: number;
    readonly is_muted: boolean;
    readonly muted_until_ms: number | null;
    readonly is_archived: boolean;
    readonly is_marked_unread: boolean;
    readonly notification_level: OwnState['notificationLevel'];
    readonly shares_read_position: boolean;
    readonly intervals: readonly IntervalRow[];
  };

function intervalOf(row: IntervalRow): Interval {
  const [joinedVersion, leftVersion, joinedSeq, joinedNumber, leftSeq, leftNumber] = row;
  return {
    joinedVersion,
    leftVersion: leftVersion ?? null,
    joinedSeq: joinedSeq ?? null,
    joinedNumber: joinedNumber ?? null,
    leftSeq: leftSeq ?? null,
    leftNumber: leftNumber ?? null,
  };
}

export const membershipOf = (row: MembershipRow): Membership => ({
  memberId: memberIdOf(row.id),
  channelId: channelIdOf(row.channel_id),
  userId: userIdOf(row.user_id),
  role: row.role,
  state: row.state,
  joinedAt: row.joined_ms,
  version: Number(row.version),
  feedVersion: Number(row.feed_version),
  intervals: row.intervals.map(intervalOf),
  own: {
    isMuted: row.is_muted,
    mutedUntil: row.muted_until_ms,
    isArchived: row.is_archived,
    isMarkedUnread: row.is_marked_unread,
    notificationLevel: row.notification_level,
  },
  progress: {
    ...appliedOf(row),
    counters: countersOf(row),
    isShared: row.shares_read_position,
    summary: summaryOf(row.summary),
  },
  channel: channelOf(row),
});

type Change = { readonly version: string; readonly by_user_id: string };
export type PendingRow = Change &
  (
    | {
        readonly kind: 'ADDED' | 'REMOVED' | 'ROLE_CHANGED';
        readonly user_id: string;
        readonly role: Role;
      }
    | { readonly kind: 'CHANNEL_UPDATED'; readonly updated: ChannelUpdate }
  );

export function pendingOf(row: PendingRow): PendingChange {
  const change = { version: Number(row.version), by: userIdOf(row.by_user_id) };
  if (row.kind === 'CHANNEL_UPDATED') return { ...change, kind: row.kind, updated: row.updated };
  return { ...change, kind: row.kind, userId: userIdOf(row.user_id), role: row.role };
}
