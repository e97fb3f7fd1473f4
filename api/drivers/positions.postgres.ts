import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { type ChannelId, channelIdOf, memberIdOf, rowIdOf, type UserId, userIdOf } from '../../schema/ids.ts';
import type {
  ChannelPositions,
  Positions,
  PositionsShared,
  PositionsWrite,
} from '../../schema/ports/positions.ts';
import type { Lowest, Summary } from '../../schema/stream/positions/summary.ts';
import { type FeedRow, movedOf } from './memberships.change.ts';
import {
  appliedColumns,
  counterColumns,
  type PositionRow,
  positionsOfRows,
  type StoredSummary,
} from './positions.rows.ts';
import { readTimeoutMs, withConnection, withTransaction } from './postgres-connection.ts';

const statements = {
  /**
   * Of one moment, because it is one statement; a row at least for each channel. What is looked up stands by itself, so that a plan
   * which was made while there were few members finds those of a channel, and does not go through all people.
   */
  positions_of: `SELECT n.epoch, k.channel_id, ${appliedColumns}, m.id AS member_id, m.user_id, ${counterColumns},
      (SELECT u.shares_read_position FROM user_account u WHERE u.id = m.user_id) AS shares_read_position
    FROM installation n CROSS JOIN unnest($1::bigint[]) AS k (channel_id)
    LEFT JOIN LATERAL (SELECT * FROM channel_position o WHERE o.channel_id = k.channel_id LIMIT 1) p ON true
    LEFT JOIN LATERAL (
      SELECT * FROM member o WHERE o.channel_id = k.channel_id AND (o.is_present OR o.state = 'ACTIVE') OFFSET 0
    ) m ON true`,
  positions_moved: `SELECT n.epoch, coalesce(p.version, 0) AS version, m.id AS member_id,
      round(date_part('epoch', p.moved_at) * 1000) AS moved_ms
    FROM installation n
    LEFT JOIN channel_position p ON p.channel_id = $1
    LEFT JOIN member m ON m.channel_id = $1 AND m.positions_version > $2 AND m.state = 'ACTIVE'`,
  positions_versions: `SELECT n.epoch, p.channel_id, p.version
    FROM installation n LEFT JOIN channel_position p ON p.channel_id = ANY ($1::bigint[])`,
  write_positions: `SELECT * FROM write_positions($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
} as const;

type MovedRow = {
  readonly epoch: number;
  readonly version: string;
  readonly moved_ms: number | null;
  readonly member_id: string | null;
};
type VersionRow = { readonly epoch: number; readonly channel_id: string | null; readonly version: string };

/** Positions in PostgreSQL. The pool may be shared, and stays open: who opened it closes it. */
export async function openPostgresPositions({ pool }: { readonly pool: Pool }): Promise<Positions> {
  // With a name, so that a connection plans each of them once.
  const run = <R extends QueryResultRow>(name: keyof typeof statements, values: unknown[]) =>
    withConnection(
      pool,
      readTimeoutMs,
      async (client) => (await client.query<R>({ name, text: statements[name], values })).rows,
    );
  return {
    async of(channelIds) {
      const asked = [...new Set(channelIds)];
      const rows =
        asked.length > 0 ? await run<PositionRow>('positions_of', [asked.map(rowIdOf.channel)]) : [];
      return byChannel(asked, rows);
    },
    async write(channelId, { epoch, version }, write) {
      const rows = await run<Partial<FeedRow>>(
        'write_positions',
        valuesOf(channelId, { epoch, version }, write),
      );
      if (rows.length === 0) return undefined;
      return { version: version + 1, moved: rows.flatMap((row) => (isMoved(row) ? [movedOf(row)] : [])) };
    },
    async movedAfter(channelId, version) {
      const rows = await run<MovedRow>('positions_moved', [rowIdOf.channel(channelId), version]);
      const [first] = rows;
      if (!first) throw new Error('The row that names the installation is missing.');
      const memberIds = rows.flatMap(({ member_id }) => (member_id === null ? [] : [memberIdOf(member_id)]));
      return { epoch: first.epoch, version: Number(first.version), at: first.moved_ms ?? 0, memberIds };
    },
    async versions(channelIds) {
      const rows = await run<VersionRow>('positions_versions', [channelIds.map(rowIdOf.channel)]);
      const [first] = rows;
      if (!first) throw new Error('The row that names the installation is missing.');
      const versions = new Map(channelIds.map((channelId) => [channelId, 0]));
      for (const { channel_id, version } of rows)
        if (channel_id !== null) versions.set(channelIdOf(channel_id), Number(version));
      return { epoch: first.epoch, versions };
    },
    share: (userId, isShared, now) => sharePositions(pool, { userId, isShared, now }),
  };
}

const isMoved = (row: Partial<FeedRow>): row is FeedRow => typeof row.id === 'string';

function byChannel(
  asked: readonly ChannelId[],
  rows: readonly PositionRow[],
): Map<ChannelId, ChannelPositions> {
  const grouped = new Map<ChannelId, PositionRow[]>(asked.map((channelId) => [channelId, []]));
  for (const row of rows) grouped.get(channelIdOf(row.channel_id))?.push(row);
  return new Map([...grouped].map(([channelId, found]) => [channelId, positionsOfRows(channelId, found)]));
}

function valuesOf(
  channelId: ChannelId,
  { epoch, version }: Pick<ChannelPositions, 'epoch' | 'version'>,
  { appliedSeq, appliedNumber, summary, changed, now }: PositionsWrite,
): unknown[] {
  return [
    ...[rowIdOf.channel(channelId), epoch, version, appliedSeq, appliedNumber, now, storedSummary(summary)],
    changed.map(({ userId }) => rowIdOf.user(userId)),
    changed.map(({ counters }) => counters.isPresent),
    changed.map(({ counters }) => counters.readNumber),
    changed.map(({ counters }) => counters.deliveredNumber),
    changed.map(({ counters }) => counters.ownAbove),
    changed.map(({ counters }) => counters.deletedAbove),
    changed.map(({ isTold }) => isTold),
    changed.map(({ movesFeed }) => movesFeed),
  ];
}

function storedSummary({ sharers, read, delivered }: Summary): string {
  const stored = (lowest: Lowest | null): StoredSummary['read'] => {
    if (lowest === null) return undefined;
    const { number, userId, next } = lowest;
    const own = [number, `${rowIdOf.user(userId)}`] as const;
    return next === null ? own : [...own, next.number, `${rowIdOf.user(next.userId)}`];
  };
  const summary: StoredSummary = { sharers, read: stored(read), delivered: stored(delivered) };
  return JSON.stringify(summary);
}

const keepRows = `INSERT INTO channel_position (channel_id, moved_at)
  SELECT channel_id, to_timestamp($2::double precision / 1000) FROM member WHERE user_id = $1 AND state = 'ACTIVE' ORDER BY channel_id ON CONFLICT DO NOTHING`;
const lockChannels = `SELECT p.channel_id FROM channel_position p
  WHERE p.channel_id IN (SELECT channel_id FROM member WHERE user_id = $1 AND state = 'ACTIVE')
  ORDER BY p.channel_id FOR UPDATE`;
const lockUser = `SELECT u.shares_read_position,
    ARRAY (SELECT channel_id FROM member m WHERE m.user_id = u.id AND m.state = 'ACTIVE' ORDER BY channel_id) AS channels
  FROM user_account u WHERE u.id = $1 FOR NO KEY UPDATE OF u`;
const writeSharing = `WITH moved AS (
    UPDATE user_account u SET shares_read_position = $2,
      feed_version = u.feed_version + 1, viewer_version = u.feed_version + 1
    WHERE u.id = $1 RETURNING u.feed_version
  ), bumped AS (
    UPDATE channel_position p SET version = p.version + 1, summary = NULL,
      moved_at = greatest(p.moved_at, to_timestamp($3::double precision / 1000))
    WHERE p.channel_id = ANY ($4::bigint[]) RETURNING p.channel_id, p.version
  ), written AS (
    UPDATE member m SET positions_version = b.version FROM bumped b
    WHERE m.channel_id = b.channel_id AND m.user_id = $1 RETURNING m.id AS member_id, m.channel_id, b.version
  )
  SELECT f.feed_version, w.member_id, w.channel_id, w.version FROM moved f LEFT JOIN written w ON true`;

type SharingRow = {
  readonly feed_version: string;
  readonly member_id: string | null;
  readonly channel_id: string;
  readonly version: string;
};
type Sharing = { readonly userId: UserId; readonly isShared: boolean; readonly now: number };
type Shared = Awaited<ReturnType<Positions['share']>>;

/** Somebody joined a channel before the user's own row was locked: that channel's must be locked, too, and before it. */
const needsMoreLocks = Symbol('needs more locks');
/** People do not join channels that quickly. */
const maxAttempts = 20;

async function sharePositions(pool: Pool, sharing: Sharing): Promise<Shared> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const shared = await withTransaction(pool, (client) => attemptSharing(client, sharing));
    if (shared !== needsMoreLocks) return shared;
  }
  throw new Error('The channels of somebody change faster than they can be locked.');
}

async function attemptSharing(
  client: PoolClient,
  { userId, isShared, now }: Sharing,
): Promise<Shared | typeof needsMoreLocks> {
  const user = rowIdOf.user(userId);
  await client.query(keepRows, [user, now]);
  const locked = (await client.query<{ channel_id: string }>(lockChannels, [user])).rows;
  const [row] = (await client.query<{ shares_read_position: boolean; channels: string[] }>(lockUser, [user]))
    .rows;
  if (row === undefined || row.shares_read_position === isShared) return undefined;
  const known = new Set(locked.map(({ channel_id }) => channel_id));
  if (row.channels.some((channelId) => !known.has(channelId))) return needsMoreLocks;
  const { rows } = await client.query<SharingRow>(writeSharing, [user, isShared, now, row.channels]);
  const moved = { userId: userIdOf(user), version: Number(rows[0]?.feed_version ?? 0) };
  return { moved, channels: rows.flatMap(sharedOf) };
}

const sharedOf = ({ member_id, channel_id, version }: SharingRow): PositionsShared[] =>
  member_id === null
    ? []
    : [{ channelId: channelIdOf(channel_id), memberId: memberIdOf(member_id), version: Number(version) }];
