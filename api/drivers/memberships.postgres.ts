import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { channelIdOf, rowIdOf, userIdOf } from '../../schema/ids.ts';
import { maxPending } from '../../schema/ports/memberships.arguments.ts';
import type { FeedMoved, FeedPage, Memberships } from '../../schema/ports/memberships.ts';
import { changeMemberships, type FeedRow, movedOf } from './memberships.change.ts';
import { changeOwnState } from './memberships.own.ts';
import {
  type MembershipRow,
  membershipColumns,
  membershipJoins,
  membershipOf,
  type PendingRow,
  pendingOf,
} from './memberships.rows.ts';
import { readTimeoutMs, withConnection, withTransaction } from './postgres-connection.ts';

const readPending = `SELECT version, kind, user_id, by_user_id, role, updated FROM membership_outbox
  WHERE channel_id = $1 AND version <= $2 ORDER BY version LIMIT ${maxPending}`;

const readUnsettled = `SELECT channel_id FROM membership_outbox WHERE created_at <= to_timestamp($1::double precision / 1000)
  GROUP BY channel_id ORDER BY min(created_at), channel_id LIMIT $2`;

/** Of one moment, because it is one statement: the versions and all rows up to them. */
const readFeed = `SELECT n.epoch, u.feed_version AS newest_version, u.feed_min_version AS min_version,
    u.viewer_version, u.contacts_version, ${membershipColumns}
  FROM installation n
  LEFT JOIN user_account u ON u.id = $1
  LEFT JOIN member m ON m.user_id = u.id AND m.feed_version > $2
  ${membershipJoins}
  ORDER BY m.feed_version`;

const readVersions = `SELECT n.epoch, u.id, u.feed_version
  FROM installation n LEFT JOIN user_account u ON u.id = ANY ($1::bigint[])`;

const readMemberships = `SELECT ${membershipColumns} FROM member m JOIN user_account u ON u.id = m.user_id ${membershipJoins}
  WHERE m.user_id = $1 AND m.channel_id = ANY ($2::bigint[])`;

const reads = {
  pending_changes: readPending,
  unsettled_channels: readUnsettled,
  feed_of: readFeed,
  feed_versions: readVersions,
  memberships_of: readMemberships,
} as const;

/**
 * Those whose changes are still pending, ids ascending as everywhere. Who changes a membership holds its user's lock, so the
 * channel's, which would make others wait, is not needed.
 */
const lockUnsettled = `SELECT u.id FROM user_account u
  WHERE u.id IN (SELECT o.user_id FROM membership_outbox o WHERE o.channel_id = $1 AND o.version = ANY ($2::bigint[]))
  ORDER BY u.id FOR NO KEY UPDATE`;

/** What is not pending any more was filled before: nothing of it is written again, and no feed moves. */
const writePlaces = `WITH placed AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS p (version, seq, number)
  ), settled AS (
    DELETE FROM membership_outbox o USING placed p WHERE o.channel_id = $1 AND o.version = p.version
    RETURNING o.kind, o.user_id, o.version, p.seq, p.number
  ), moved AS (
    UPDATE user_account u SET feed_version = u.feed_version + 1
    WHERE u.id IN (SELECT user_id FROM settled WHERE kind IN ('ADDED', 'REMOVED'))
    RETURNING u.id, u.feed_version
  ), written AS (
    UPDATE member m SET feed_version = f.feed_version FROM moved f WHERE m.channel_id = $1 AND m.user_id = f.id
    RETURNING m.id
  ), filled AS (
    UPDATE member_interval i SET (joined_seq, joined_number, left_seq, left_number) = (
      SELECT
        coalesce(i.joined_seq, max(s.seq) FILTER (WHERE s.version = i.joined_version)),
        coalesce(i.joined_number, max(s.number) FILTER (WHERE s.version = i.joined_version)),
        coalesce(i.left_seq, max(s.seq) FILTER (WHERE s.version = i.left_version)),
        coalesce(i.left_number, max(s.number) FILTER (WHERE s.version = i.left_version))
      FROM settled s
    )
    WHERE i.member_id IN (SELECT id FROM written)
  )
  SELECT id, feed_version FROM moved`;

type FeedPageRow = MembershipRow & {
  readonly epoch: number;
  readonly newest_version: string | null;
  readonly min_version: string | null;
  readonly viewer_version: string | null;
  readonly contacts_version: string | null;
};
type VersionRow = { readonly epoch: number; readonly id: string | null; readonly feed_version: string };

/** Memberships in PostgreSQL. The pool may be shared, and stays open: who opened it closes it. */
export async function openPostgresMemberships({ pool }: { readonly pool: Pool }): Promise<Memberships> {
  // With a name, so that a connection plans each of them once: who belongs where is read with everything.
  const read = <R extends QueryResultRow>(name: keyof typeof reads, values: unknown[]) =>
    withConnection(
      pool,
      readTimeoutMs,
      async (client) => (await client.query<R>({ name, text: reads[name], values })).rows,
    );
  return {
    change: (channelId, who, decide) => changeMemberships(pool, { channelId, who }, decide),
    changeOwn: (userId, channelId, own) =>
      withTransaction(pool, (client) => changeOwnState(client, { userId, channelId }, own)),
    async pending(channelId, upTo) {
      return (await read<PendingRow>('pending_changes', [rowIdOf.channel(channelId), upTo])).map(pendingOf);
    },
    async unsettled(olderThan, limit) {
      const rows = await read<{ channel_id: string }>('unsettled_channels', [olderThan, limit]);
      return rows.map(({ channel_id }) => channelIdOf(channel_id));
    },
    settle: (channelId, placed) =>
      withTransaction(pool, (client) => settle(client, rowIdOf.channel(channelId), placed)),
    async feedOf(userId, after) {
      return feedPageOf(await read<FeedPageRow>('feed_of', [rowIdOf.user(userId), after]));
    },
    async feedVersions(userIds) {
      const rows = await read<VersionRow>('feed_versions', [userIds.map(rowIdOf.user)]);
      const versions = new Map(userIds.map((userId) => [userId, 0]));
      for (const { id, feed_version } of rows)
        if (id !== null) versions.set(userIdOf(id), Number(feed_version));
      return { epoch: epochOf(rows), versions };
    },
    async of(userId, channelIds) {
      const values = [rowIdOf.user(userId), channelIds.map(rowIdOf.channel)];
      return (await read<MembershipRow>('memberships_of', values)).map(membershipOf);
    },
  };
}

type Placed = Parameters<Memberships['settle']>[1];

async function settle(client: PoolClient, channel: bigint, placed: Placed): Promise<readonly FeedMoved[]> {
  const versions = placed.map(({ version }) => version);
  await client.query(lockUnsettled, [channel, versions]);
  const values = [channel, versions, placed.map(({ seq }) => seq), placed.map(({ number }) => number)];
  return (await client.query<FeedRow>(writePlaces, values)).rows.map(movedOf);
}

function epochOf(rows: readonly { readonly epoch: number }[]): number {
  const [first] = rows;
  if (!first) throw new Error('The row that names the installation is missing.');
  return first.epoch;
}

/** One row without a membership stands for a feed in which nothing changed. */
function feedPageOf(rows: readonly FeedPageRow[]): FeedPage {
  return {
    epoch: epochOf(rows),
    version: Number(rows[0]?.newest_version ?? 0),
    minVersion: Number(rows[0]?.min_version ?? 0),
    viewerVersion: Number(rows[0]?.viewer_version ?? 0),
    contactsVersion: Number(rows[0]?.contacts_version ?? 0),
    memberships: rows.filter(({ id }) => id !== null).map(membershipOf),
  };
}
