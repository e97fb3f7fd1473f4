import type { Pool, PoolClient } from 'pg';
import { type ChannelId, rowIdOf, type UserId, userIdOf } from '../../schema/ids.ts';
import {
  checkDecision,
  countAfter,
  ownersAfter,
  updateIn,
} from '../../schema/ports/memberships.arguments.ts';
import type {
  FeedMoved,
  MembershipChange,
  MembershipDecision,
  MembershipsChanged,
  Roster,
} from '../../schema/ports/memberships.ts';
import type { Role } from '../../schema/stream/event.ts';
import { type ChannelRow, channelColumns, channelOf } from './memberships.rows.ts';
import { withTransaction } from './postgres-connection.ts';

export type Who = { readonly by: UserId; readonly candidates: readonly UserId[]; readonly now: number };
export type FeedRow = { readonly id: string; readonly feed_version: string };

export const movedOf = ({ id, feed_version }: FeedRow): FeedMoved => ({
  userId: userIdOf(id),
  version: Number(feed_version),
});

/** Locks the channel's row, and with it all that is said about its members. The first lock of every change. */
const lockChannel = `SELECT ${channelColumns}, c.membership_version FROM channel c WHERE c.id = $1 FOR NO KEY UPDATE`;
type LockedChannel = ChannelRow & { readonly membership_version: string };

const readMembers = `SELECT m.user_id, m.role FROM member m
  JOIN member_interval i ON i.member_id = m.id AND i.left_version IS NULL
  WHERE m.channel_id = $1 AND m.state = 'ACTIVE' ORDER BY i.joined_version`;

/** Users are locked ids ascending, after the channel, so that no two transactions wait for each other. */
const lockUsers = 'SELECT id FROM user_account WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE';

/** Whoever blocks somebody locks both rows, so one of them being locked is enough to know. */
const readCandidates = `SELECT u.id AS user_id,
    coalesce((SELECT k.is_blocked FROM contact k WHERE k.user_id = u.id AND k.other_id = $2), false)
      OR coalesce((SELECT k.is_blocked FROM contact k WHERE k.user_id = $2 AND k.other_id = u.id), false) AS is_blocked,
    (SELECT count(*)::integer FROM member m WHERE m.user_id = u.id AND m.state = 'ACTIVE') AS channel_count
  FROM unnest($1::bigint[]) AS u (id)`;
type CandidateRow = {
  readonly user_id: string;
  readonly channel_count: number;
  readonly is_blocked: boolean;
};

/** All that a decision writes. Every row is locked, so one look at the tables is enough for all parts. */
const writeChanges = `WITH change AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::membership_change_kind[], $5::role[], $6::member_state[])
      AS c (version, user_id, kind, role, state)
  ), moved AS (
    UPDATE user_account u SET feed_version = u.feed_version + 1 FROM change c WHERE u.id = c.user_id
    RETURNING u.id, u.feed_version
  ), written AS (
    INSERT INTO member AS m (channel_id, user_id, role, state, joined_at, version, feed_version)
    SELECT $1, c.user_id, c.role, c.state, to_timestamp($8::double precision / 1000), c.version, f.feed_version
    FROM change c JOIN moved f ON f.id = c.user_id
    ON CONFLICT (channel_id, user_id) DO UPDATE SET
      role = EXCLUDED.role, state = EXCLUDED.state, version = EXCLUDED.version, feed_version = EXCLUDED.feed_version,
      joined_at = CASE WHEN m.state <> 'ACTIVE' THEN EXCLUDED.joined_at ELSE m.joined_at END,
      -- Who comes back finds the channel as a new member does.
      is_muted = m.is_muted AND m.state = 'ACTIVE', is_archived = m.is_archived AND m.state = 'ACTIVE',
      is_marked_unread = m.is_marked_unread AND m.state = 'ACTIVE',
      muted_until = CASE WHEN m.state = 'ACTIVE' THEN m.muted_until END,
      notification_level = CASE WHEN m.state = 'ACTIVE' THEN m.notification_level END
    RETURNING m.id, m.version, m.state
  ), opened AS (
    INSERT INTO member_interval (member_id, joined_version)
    SELECT w.id, w.version FROM written w JOIN change c ON c.version = w.version WHERE c.kind = 'ADDED'
  ), closed AS (
    UPDATE member_interval i SET left_version = w.version FROM written w
    WHERE w.state <> 'ACTIVE' AND i.member_id = w.id AND i.left_version IS NULL
  ), queued AS (
    INSERT INTO membership_outbox (channel_id, version, kind, user_id, by_user_id, role, created_at)
    SELECT $1, version, kind, user_id, $7, role, to_timestamp($8::double precision / 1000) FROM change
  ), versioned AS (
    UPDATE channel SET membership_version = $9, member_count = $11, owner_count = $12,
      ended_at = coalesce(ended_at, CASE WHEN $10 THEN to_timestamp($8::double precision / 1000) END)
    WHERE id = $1
  )
  SELECT id, feed_version FROM moved`;

/** The channel's own change, with a version behind those of its members. `$2` says what changes, as JSON. */
const writeUpdate = `WITH queued AS (
    INSERT INTO membership_outbox (channel_id, version, kind, by_user_id, updated, created_at)
    VALUES ($1, $3, 'CHANNEL_UPDATED', $4, $2::jsonb, to_timestamp($5::double precision / 1000))
  )
  UPDATE channel SET membership_version = $3,
    name = coalesce($2::jsonb ->> 'name', name),
    topic = CASE WHEN $2::jsonb ? 'topic' THEN $2::jsonb ->> 'topic' ELSE topic END,
    history_visibility = coalesce(($2::jsonb ->> 'historyVisibility')::history_visibility, history_visibility)
  WHERE id = $1`;

/** What a decision changes has to be locked, and is not. */
const needsMoreLocks = Symbol('needs more locks');

/**
 * One decision. The first attempt locks the candidates alone, which is enough for most; a decision that removes somebody else
 * could lock that row only out of order, so then a second attempt locks all members from the start.
 */
export async function changeMemberships<R>(
  pool: Pool,
  { channelId, who }: { readonly channelId: ChannelId; readonly who: Who },
  decide: (roster: Roster) => MembershipDecision<R>,
): Promise<MembershipsChanged<R> | undefined> {
  for (const locksMembers of [false, true]) {
    const attempt = (client: PoolClient) => attemptChange(client, { channelId, who, locksMembers }, decide);
    const changed = await withTransaction(pool, attempt);
    if (changed !== needsMoreLocks) return changed;
  }
  throw new Error('A decision changed the membership of somebody who is neither a member nor a candidate.');
}

type Attempt = { readonly channelId: ChannelId; readonly who: Who; readonly locksMembers: boolean };

async function attemptChange<R>(
  client: PoolClient,
  { channelId, who, locksMembers }: Attempt,
  decide: (roster: Roster) => MembershipDecision<R>,
): Promise<MembershipsChanged<R> | undefined | typeof needsMoreLocks> {
  const row = rowIdOf.channel(channelId);
  const [channel] = (await client.query<LockedChannel>(lockChannel, [row])).rows;
  if (!channel) return undefined;
  const members = await membersOf(client, row);
  const candidates = [...new Set(who.candidates)];
  const locked = await lock(client, [
    ...candidates,
    ...(locksMembers ? members.map(({ userId }) => userId) : []),
  ]);
  const roster: Roster = {
    channel: channelOf(channel),
    members,
    candidates: await candidatesOf(
      client,
      who.by,
      candidates.filter((userId) => locked.has(userId)),
    ),
  };
  const decision = decide(roster);
  checkDecision(roster, decision.changes);
  if (decision.changes.some(({ userId }) => !locked.has(userId))) return needsMoreLocks;
  return write({ client, row, who, before: Number(channel.membership_version) }, roster, decision);
}

type Writing = {
  readonly client: PoolClient;
  readonly row: bigint;
  readonly who: Who;
  /** The membership version so far. */
  readonly before: number;
};

async function write<R>(
  { client, row, who, before }: Writing,
  roster: Roster,
  decision: MembershipDecision<R>,
): Promise<MembershipsChanged<R>> {
  const { changes, endsChannel = false, result } = decision;
  const by = rowIdOf.user(who.by);
  let version = before + changes.length;
  let moved: readonly FeedMoved[] = [];
  if (changes.length > 0 || endsChannel) {
    const values = [...valuesOf(roster, changes, before), by, who.now, version];
    const counts = [countAfter(roster, changes), ownersAfter(roster, changes)];
    const { rows } = await client.query<FeedRow>(writeChanges, [row, ...values, endsChannel, ...counts]);
    moved = rows.map(movedOf);
  }
  const update = updateIn(decision);
  if (update !== undefined) {
    version += 1;
    await client.query(writeUpdate, [row, JSON.stringify(update), version, by, who.now]);
  }
  return { result, version, moved };
}

async function membersOf(client: PoolClient, channel: bigint): Promise<Roster['members']> {
  const { rows } = await client.query<{ user_id: string; role: Role }>(readMembers, [channel]);
  return rows.map(({ user_id, role }) => ({ userId: userIdOf(user_id), role }));
}

/** Locks those of these users who exist. */
async function lock(client: PoolClient, userIds: readonly UserId[]): Promise<ReadonlySet<UserId>> {
  if (userIds.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(lockUsers, [userIds.map(rowIdOf.user)]);
  return new Set(rows.map(({ id }) => userIdOf(id)));
}

async function candidatesOf(
  client: PoolClient,
  by: UserId,
  userIds: readonly UserId[],
): Promise<Roster['candidates']> {
  if (userIds.length === 0) return new Map();
  const values = [userIds.map(rowIdOf.user), rowIdOf.user(by)];
  const { rows } = await client.query<CandidateRow>(readCandidates, values);
  return new Map(
    rows.map(({ user_id, channel_count, is_blocked }) => [
      userIdOf(user_id),
      { channelCount: channel_count, isBlocked: is_blocked },
    ]),
  );
}

/** The columns of what is to be written: a version each, and of who is removed the role that they had. */
function valuesOf(roster: Roster, changes: readonly MembershipChange[], before: number): unknown[] {
  const roles = new Map(roster.members.map(({ userId, role }) => [userId, role]));
  return [
    changes.map((_, index) => before + index + 1),
    changes.map(({ userId }) => rowIdOf.user(userId)),
    changes.map(({ kind }) => kind),
    changes.map((change) => (change.kind === 'REMOVED' ? roles.get(change.userId) : change.role)),
    changes.map((change) => (change.kind === 'REMOVED' ? change.state : 'ACTIVE')),
  ];
}
