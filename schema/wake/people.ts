import { outlineBehind } from '../channel/progress.ts';
import { type ChannelId, rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { NotificationLevel } from '../notification/notification.policy.ts';
import type { Interval } from '../ports/memberships.ts';
import { unknownMs } from '../presence/open-presence.ts';
import { type Product, systemScope } from '../scope.ts';
import { type Counters, foldAll, noCounters } from '../stream/positions/counters.ts';
import { stateAt } from '../viewer-state/viewer-state.policy.ts';

type Seen = Pick<Interval, 'joinedSeq' | 'leftSeq'>;

/** What somebody who is in a channel now has set there. */
export type Joined = {
  /** What of the log they may see. */
  readonly intervals: readonly Seen[];
  readonly isMuted: boolean;
  readonly isArchived: boolean;
  readonly level: NotificationLevel | null;
};

type JoinedRow = {
  readonly userId: bigint;
  readonly isMuted: boolean;
  readonly mutedUntil: Date | null;
  readonly isArchived: boolean;
  readonly level: NotificationLevel | null;
  /** `[joinedSeq, leftSeq]`, oldest first. */
  readonly intervals: readonly (readonly [number | null, number | null])[];
};

/** Those of these people who are members now; who was just added is one when the log has it. One statement. */
export async function joinedOf(
  { prisma, clock }: Product,
  channelId: ChannelId,
  userIds: readonly UserId[],
): Promise<ReadonlyMap<UserId, Joined>> {
  const rows = await prisma.$queryRaw<JoinedRow[]>`
    SELECT m.user_id AS "userId", m.is_muted AS "isMuted", m.muted_until AS "mutedUntil", m.is_archived AS "isArchived",
      m.notification_level::text AS level, (
        SELECT coalesce(json_agg(json_build_array(i.joined_seq, i.left_seq) ORDER BY i.joined_version), '[]')
        FROM member_interval i WHERE i.member_id = m.id
      ) AS intervals
    FROM member m
    WHERE m.channel_id = ${rowIdOf.channel(channelId)} AND m.user_id = ANY (${userIds.map(rowIdOf.user)}::bigint[])
      AND m.state = 'ACTIVE'`;
  const now = clock.now();
  const joined = rows.map((row): [UserId, Joined] => {
    const mutedUntil = row.mutedUntil?.getTime() ?? null;
    const { isMuted } = stateAt({ ...row, mutedUntil, isMarkedUnread: false, notificationLevel: null }, now);
    const intervals = row.intervals.map(([joinedSeq, leftSeq]) => ({ joinedSeq, leftSeq }));
    return [userIdOf(row.userId), { intervals, isMuted, isArchived: row.isArchived, level: row.level }];
  });
  return new Map(joined.filter(([, { intervals }]) => typeof intervals.at(-1)?.joinedSeq === 'number'));
}

/** How far people are in a channel, with all of the log that there is. Rejects where too much of it is not taken into account yet. */
export async function countersOf(
  product: Product,
  channelId: ChannelId,
): Promise<(userId: UserId) => Counters> {
  const stored = (await product.stream.positions.of([channelId])).get(channelId);
  // After the positions, so that whoever came or went behind them is in it.
  const tail = await outlineBehind(systemScope(product), channelId, stored?.appliedSeq ?? 0);
  const known = new Map(stored?.positions.map(({ userId, counters }) => [userId, counters]));
  return (userId) => foldAll(known.get(userId) ?? noCounters, userId, tail);
}

/**
 * Whether somebody has blocked an author. One statement. That an author has blocked them decides nothing: in a group they see what is
 * said there all the same, and a phone that is silent only then would tell them of a block that they are not to learn of.
 */
export async function blockedAmong(
  { prisma }: Product,
  userIds: readonly UserId[],
  authorIds: readonly UserId[],
): Promise<(userId: UserId, authorId: UserId) => boolean> {
  const [people, authors] = [userIds.map(rowIdOf.user), authorIds.map(rowIdOf.user)];
  const rows = await prisma.$queryRaw<{ userId: bigint; otherId: bigint }[]>`
    SELECT user_id AS "userId", other_id AS "otherId" FROM contact
    WHERE is_blocked AND user_id = ANY (${people}::bigint[]) AND other_id = ANY (${authors}::bigint[])`;
  const pairs = new Set(rows.map(({ userId, otherId }) => `${userIdOf(userId)} ${userIdOf(otherId)}`));
  return (userId, authorId) => pairs.has(`${userId} ${authorId}`);
}

/** `until`: when they were active last, where that is known, in milliseconds since 1970. */
export type Activity = { readonly isActive: boolean; readonly until: number | undefined };

/** Who is active on some device now. Rejects while nobody can tell. */
export async function activityOf(
  { presence, prisma }: Product,
  userIds: readonly UserId[],
): Promise<(userId: UserId) => Activity> {
  const states = await presence.statesOf(userIds);
  const forgotten = [...states]
    .filter(([, { state, changedAt, lookedAt }]) => state !== 'ONLINE' && changedAt === lookedAt - unknownMs)
    .map(([userId]) => userId);
  const kept = await lastSeenOf(prisma, forgotten);
  return (userId) => {
    const found = states.get(userId);
    if (found === undefined) return { isActive: false, until: undefined };
    if (found.state === 'ONLINE') return { isActive: true, until: undefined };
    return { isActive: false, until: forgotten.includes(userId) ? kept.get(userId) : found.changedAt };
  };
}

/** What is kept of those who are away for longer than anybody remembers. */
async function lastSeenOf(
  prisma: Product['prisma'],
  userIds: readonly UserId[],
): Promise<Map<UserId, number>> {
  if (userIds.length === 0) return new Map();
  const rows = await prisma.$queryRaw<{ id: bigint; at: Date }[]>`
    SELECT id, last_seen_at AS at FROM user_account
    WHERE id = ANY (${userIds.map(rowIdOf.user)}::bigint[]) AND last_seen_at IS NOT NULL`;
  return new Map(rows.map(({ id, at }) => [userIdOf(id), at.getTime()]));
}
