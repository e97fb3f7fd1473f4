import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase, type TestDatabase } from '../../prisma/test/test-database.ts';
import { rowIdOf, userIdOf } from '../../schema/ids.ts';
import type { EventLog } from '../../schema/ports/event-log.ts';
import {
  ada,
  answering,
  appendOne,
  deleted,
  edited,
  freshChannel,
  sent,
} from '../../schema/ports/event-log-world.contract.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { clientNonce } from '../../schema/stream/event.ts';
import { openPostgresEventLog } from './event-log.postgres.ts';

const [channelId, elsewhere] = [freshChannel(), freshChannel()];
const row = rowIdOf.channel(channelId);
const messageCount = 100_000;

/**
 * Plans are made, and kept, while the tables are nearly empty and known to be; then the channel grows. One connection, so
 * that the statements whose plans are looked at are those that the log uses.
 */
describe('a channel of 100,000 messages', () => {
  let test: TestDatabase;
  let database: Database;
  let log: EventLog;
  beforeAll(async () => {
    test = await openTestDatabase();
    database = await openDatabase(test.url, { poolSize: 1 });
    log = await openPostgresEventLog({ pool: database.pool });
    for (const n of upTo(10)) await appendOne(log, channelId, sent(`text ${n}`, { nonce: `n${n}` }));
    await database.pool.query('VACUUM ANALYZE');
    for (const _ of upTo(8)) await doAll(10);
    await database.pool.query(
      `INSERT INTO log_event SELECT $1, n, n, 1, $2, 'c:n' || n, now(), repeat('x', 300),
          CASE WHEN n % 2 = 0 THEN n / 2 END
        FROM generate_series(11, $3::int) n`,
      [row, rowIdOf.user(ada), messageCount],
    );
    await database.pool.query('UPDATE log_head SET head = $1, message_count = $1 WHERE channel_id = $2', [
      messageCount,
      row,
    ]);
  });
  afterAll(async () => {
    await log.close();
    await database.close();
    await test.close();
  });

  /** All that the log can do, near number `n`; what it writes is in another channel. */
  async function doAll(n: number) {
    const repeated = sent('text', { nonce: 'repeated' });
    await log.append(elsewhere, [repeated, sent('old'), answering(1, 'to'), edited(1, 'new'), deleted(1)], 1);
    await log.read(channelId, n - 5, 5);
    await log.heads([channelId]);
    for (const take of ['first', 'last'] as const)
      await log.messages(channelId, { take, limit: 5, alsoAnswered: true });
    await log.messagesAt([
      { channelId, number: n },
      { channelId, seq: n },
    ]);
    await log.findNonce(channelId, ada, clientNonce(`n${n}`));
    await log.outlines([{ channelId, after: n - 5, upTo: n }]);
  }

  /** How many pages of 8 KB a prepared statement of the log looks at, with the plan that it kept. */
  async function pagesRead(execute: string): Promise<number> {
    const { rows } = await database.pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${execute}`);
    const plan = rows[0]['QUERY PLAN'][0].Plan;
    return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  }
  const far = Number.MAX_SAFE_INTEGER;
  const author = rowIdOf.user(ada);

  it.each([
    ['the newest page', `last_messages (${row}, 0, ${far}, 50, true)`],
    ['the oldest page', `first_messages (${row}, 0, ${far}, 50, true)`],
    ['the page before the newest', `last_messages (${row}, 0, 99950, 50, true)`],
    ['the page after the oldest', `first_messages (${row}, 50, ${far}, 50, true)`],
    ['a page backwards from the middle', `last_messages (${row}, 0, 50000, 50, true)`],
    ['a page forwards from the middle', `first_messages (${row}, 50000, ${far}, 50, true)`],
    ['the newest events', `read_events (${row}, 99950, 100000)`],
    ['the oldest events', `read_events (${row}, 0, 50)`],
    ['a message by number', `messages_at ('{${row}}', '{NULL}', '{77777}')`],
    ['a message by place', `messages_at ('{${row}}', '{77777}', '{NULL}')`],
    ['the event of a nonce', `find_nonce (${row}, ${author}, 'c:n77777')`],
    ['the head', `read_heads ('{${row}}')`],
    ['what positions depend on', `read_outlines ('{${row}}', '{77700}', '{77764}')`],
  ])('is not read through for %s', async (_what, execute) => {
    // Half of a page are replies: about seven looks per message, of 6,000 pages that there are.
    expect(await pagesRead(execute)).toBeLessThan(500);
  });

  it.each([
    ['that is new', () => sent('new', { by: userIdOf(9n) })],
    ['that is there already', () => sent('again', { nonce: 'n77777' })],
    ['that edits', () => edited(50_000, 'edited')],
    ['that deletes', () => deleted(50_001)],
    ['that answers', () => answering(50_002, 'reply')],
    ['that insists on a revision', () => ({ ...edited(50_003, 'edited'), ifRevision: 50_003 })],
  ])('is not read through by an append %s', async (_what, draft) => {
    const before = await rowsRead();
    await appendOne(log, channelId, draft());
    const after = await rowsRead();
    expect(after.scans).toBe(before.scans);
    expect(after.rows - before.rows).toBeLessThan(50);
  });

  async function rowsRead() {
    await database.pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await database.pool.query<{ seq_scan: string; idx_tup_fetch: string }>(
      `SELECT seq_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'log_event'`,
    );
    return { scans: Number(rows[0]?.seq_scan), rows: Number(rows[0]?.idx_tup_fetch) };
  }
});
