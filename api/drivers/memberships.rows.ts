import { channelIdOf, memberIdOf, userIdOf } from '../../schema/ids.ts';
import type { Interval, MemberState, Membership, PendingChange } from '../../schema/ports/memberships.ts';
import type { Role } from '../../schema/stream/event.ts';

/** The columns of a membership `m`, its intervals with it, oldest first. */
export const membershipColumns = `m.id, m.channel_id, m.user_id, m.role, m.state, m.version, m.feed_version,
  date_part('epoch', m.joined_at) * 1000 AS joined_ms,
  (SELECT json_agg(json_build_array(
      i.joined_version, i.left_version, i.joined_seq, i.joined_number, i.left_seq, i.left_number
    ) ORDER BY i.joined_version)
   FROM member_interval i WHERE i.member_id = m.id) AS intervals`;

type IntervalRow = readonly [number, ...(number | null)[]];
/** As `pg` gives it: a bigint is a string, inside JSON a number. */
export type MembershipRow = {
  readonly id: string;
  readonly channel_id: string;
  readonly user_id: string;
  readonly role: Role;
  readonly state: MemberState;
  readonly version: string;
  readonly feed_version: string;
  readonly joined_ms: number;
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
  joinedAt: Math.round(row.joined_ms),
  version: Number(row.version),
  feedVersion: Number(row.feed_version),
  intervals: row.intervals.map(intervalOf),
});

export type PendingRow = {
  readonly version: string;
  readonly kind: PendingChange['kind'];
  readonly user_id: string;
  readonly by_user_id: string;
  readonly role: Role;
};

export const pendingOf = (row: PendingRow): PendingChange => ({
  version: Number(row.version),
  kind: row.kind,
  userId: userIdOf(row.user_id),
  by: userIdOf(row.by_user_id),
  role: row.role,
});
