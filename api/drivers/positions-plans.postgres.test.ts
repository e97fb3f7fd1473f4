import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase, type TestDatabase } from '../../prisma/test/test-database.ts';
import { type ChannelId, channelIdOf, type UserId, userIdOf } from '../../schema/ids.ts';
import type { Memberships } from '../../schema/ports/memberships.ts';
import type { Positions } from '../../schema/ports/positions.ts';
import { at, toWrite } from '../../schema/ports/positions-world.contract.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { openPostgresMemberships } from './memberships.postgres.ts';
import { openPostgresPositions } from './positions.postgres.ts';

/** Each channel has a hundred members, and each person is in a hundred channels: 100,000 members. */
const count = 1_000;
const [channel, person] = [777, 777];
const [channelId, userId] = [channelIdOf(777n), userIdOf(777n)];

/** People, and as many channels that all their neighbours are in. */
const rowsOf = (from: number, to: number) => {
  const all = to - from + 1;
  return [
    `INSERT INTO user_account (id, handle, handle_key, display_name, colour, password_hash)
      SELECT n, 'p' || n, 'p' || n, 'p', '#123456', 'x' FROM generate_series(${from}, ${to}) n`,
    `INSERT INTO channel (id, kind, name, created_by_id, nonce)
      SELECT n, 'GROUP', 'c', n, 'n' FROM generate_series(${from}, ${to}) n`,
    `INSERT INTO member (channel_id, user_id, role, state, joined_at, version, feed_version, is_present, positions_version)
      SELECT n, ${from} + (n - ${from} + k) % ${all}, 'MEMBER', 'ACTIVE', now(), 1, k, true, k
      FROM generate_series(${from}, ${to}) n, generate_series(1, ${Math.min(100, all)}) k`,
    `INSERT INTO member_interval (member_id, joined_version) SELECT id, 1 FROM member WHERE channel_id BETWEEN ${from} AND ${to}`,
    `INSERT INTO channel_position (channel_id, version, moved_at)
      SELECT n, 1000, now() FROM generate_series(${from}, ${to}) n`,
  ];
};

/**
 * Plans are made, and kept, while the tables are nearly empty; then there are 100,000 members. One connection, so that the
 * statements whose plans are looked at are those that are used.
 */
describe('how far people are, among 100,000 members', () => {
  let test: TestDatabase;
  let database: Database;
  let positions: Positions;
  let memberships: Memberships;
  beforeAll(async () => {
    test = await openTestDatabase();
    database = await openDatabase(test.url, { poolSize: 1 });
    positions = await openPostgresPositions({ pool: database.pool });
    memberships = await openPostgresMemberships({ pool: database.pool });
    for (const statement of rowsOf(1, 3)) await database.pool.query(statement);
    await database.pool.query('VACUUM ANALYZE');
    for (const _ of upTo(8)) {
      await readAll(channelIdOf(1n), userIdOf(1n));
      await write(channelIdOf(1n), userIdOf(1n));
      await positions.share(userIdOf(1n), false, 1);
      await positions.share(userIdOf(1n), true, 1);
    }
    for (const statement of rowsOf(4, 3 + count)) await database.pool.query(statement);
  });
  afterAll(async () => {
    await database.close();
    await test.close();
  });

  async function readAll(where: ChannelId, who: UserId) {
    await positions.of([where]);
    await positions.movedAfter(where, 2);
    await positions.versions([where]);
    await memberships.of(who, [where]);
    await memberships.feedOf(who, 0);
  }
  async function write(where: ChannelId, who: UserId) {
    const { epoch } = await positions.versions([]);
    const { version } = await positions.movedAfter(where, 0);
    const changed = [{ userId: who, counters: at(6), isTold: true, movesFeed: true }];
    expect(await positions.write(where, { epoch, version }, toWrite(changed))).toBeDefined();
  }

  // A look at an index and a row is three or four pages; there are some 4,000 of members and their intervals.
  it.each([
    ['the positions of a channel', `positions_of ('{${channel}}')`, 600],
    ['those that moved', `positions_moved (${channel}, 90)`, 400],
    ['the versions of fifty channels', `positions_versions ('{${upTo(50)}}')`, 200],
    ['a membership', `memberships_of (${person}, '{${channel}}')`, 60],
    ['what changed of a person', `feed_of (${person}, 95)`, 150],
    ['all that a person is in', `feed_of (${person}, 0)`, 2_500],
  ])('are not gone through for %s', async (_what, execute, most) => {
    const { rows } = await database.pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${execute}`);
    const plan = rows[0]['QUERY PLAN'][0].Plan;
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(most);
  });

  it.each([
    ['read', () => readAll(channelId, userId)],
    ['written', () => write(channelId, userId)],
    ['shared, or no longer', () => positions.share(userId, false, 1)],
  ])('are not scanned when they are %s', async (_what, act) => {
    const before = await looked();
    await act();
    const after = await looked();
    expect(after.scans).toEqual(before.scans);
    expect(after.rows - before.rows).toBeLessThan(3_000);
  });

  /** How often each of the large tables was scanned, and how many rows were found by an index. */
  async function looked() {
    await database.pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await database.pool.query<{ relname: string; seq_scan: string; found: string }>(
      `SELECT relname, seq_scan, idx_tup_fetch AS found FROM pg_stat_user_tables
        WHERE relname IN ('member', 'member_interval', 'channel_position', 'user_account', 'channel') ORDER BY 1`,
    );
    return {
      scans: rows.map(({ relname, seq_scan }) => [relname, seq_scan]),
      rows: rows.reduce((sum, { found }) => sum + Number(found), 0),
    };
  }
});
