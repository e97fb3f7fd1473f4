import pg from 'pg';

/** The first of everything: what a test makes itself comes before. */
export const first = 1_001;
const [people, devices, endpoints, channels] = [100_000, 200_000, 60_000, 50_000];
/** In each channel. They are half a million together, and those with an endpoint have some 300,000 rows of what they were told. */
const members = 10;
const decisions = 1_000_000;

/** What depends on nothing of the others is filled in beside them. */
const streams: readonly (readonly string[])[] = [
  [
    `INSERT INTO channel (id, kind, name, created_by_id, nonce, member_count)
      SELECT n, 'GROUP', 'c', n, 'n', ${members} FROM generate_series(${first}, ${first + channels - 1}) n`,
    `INSERT INTO member (channel_id, user_id, role, state, joined_at, version, feed_version, is_present, positions_version)
      SELECT n, ${first} + (n * 7 + k * 12497) % ${people}, 'MEMBER', 'ACTIVE', '2029-01-01', k, k, true, k
      FROM generate_series(${first}, ${first + channels - 1}) n, generate_series(1, ${members}) k`,
  ],
  [
    `INSERT INTO user_account (id, handle, handle_key, display_name, colour, password_hash)
      SELECT n, 'p' || n, 'p' || n, 'p', '#123456', 'x' FROM generate_series(${first}, ${first + people - 1}) n`,
    `INSERT INTO contact (user_id, other_id, other_handle_key, state, is_blocked, blocked_at, feed_version)
      SELECT n, ${first} + (n + k * 7) % ${people}, 'p', 'NONE', true, '2029-01-01', k
      FROM generate_series(${first}, ${first + people - 1}) n, generate_series(1, 2) k`,
    `INSERT INTO notification_settings (user_id) SELECT n FROM generate_series(${first}, ${first + people - 1}, 5) n`,
    `INSERT INTO channel_position (channel_id, version, applied_seq, applied_number, moved_at)
      SELECT n, 1, 20, 10, '2029-12-31' FROM generate_series(${first}, ${first + channels - 1}) n`,
    `INSERT INTO log_head (channel_id, head, message_count, last_created_at)
      SELECT n, 20, 10, '2029-12-31' FROM generate_series(${first}, ${first + channels - 1}) n`,
    `INSERT INTO channel_wake (channel_id, woken_seq, woken_number)
      SELECT n, 20, 10 FROM generate_series(${first}, ${first + channels - 1}) n`,
  ],
  [
    `INSERT INTO device (id, user_id, label, platform) SELECT n, ${first} + (n - ${first}) / 2, 'd', 'IOS'
      FROM generate_series(${first}, ${first + devices - 1}) n`,
    `INSERT INTO push_endpoint (id, device_id, user_id, service, address, topic, created_at)
      SELECT id, id, user_id, 'APNS', lpad(to_hex(id), 64, '0'), 'com.example.chat', '2029-01-01'
      FROM device WHERE id < ${first + endpoints} ORDER BY id`,
    'INSERT INTO session (id, user_id, device_id, expires_at) SELECT id, user_id, id, $$2031-01-01$$ FROM device ORDER BY id',
  ],
];
/** A fifth of what devices were told is still shown, and a thousandth is to be looked at in an hour. */
const rest: readonly (readonly string[])[] = [
  [
    'INSERT INTO member_interval (member_id, joined_version, joined_seq, joined_number) SELECT id, 1, 1, 0 FROM member',
  ],
  [
    `INSERT INTO device_wake (device_id, channel_id, settled_number, pushed_seq, pushed_number, cleared_number, look_at)
      SELECT e.device_id, m.channel_id, 10, 20, 10, CASE WHEN m.id % 5 = 0 THEN 0 ELSE 10 END,
        CASE WHEN m.id % 1000 = 0 THEN timestamptz '2030-01-01 13:00Z' END
      FROM push_endpoint e JOIN member m ON m.user_id = e.user_id`,
    `INSERT INTO notification_decision (device_id, channel_id, seq, user_id, outcome, trace, decided_at)
      SELECT w.device_id, w.channel_id, s, ${first} + (w.device_id - ${first}) / 2, 'SENT',
        '[["SENDER","PASSED","SOMEBODY_ELSE"]]', timestamptz '2030-01-01 12:00Z' - interval '1 s' * (w.channel_id * 37 % 2500000)
      FROM device_wake w, generate_series(1, 4) s ORDER BY 4, 2, 3, 1 LIMIT ${decisions}`,
  ],
];

/** What a statement must not go through: each has tens of thousands of rows here, and more elsewhere. */
export const largeTables: ReadonlySet<string> = new Set([
  ...[
    'user_account',
    'contact',
    'notification_settings',
    'device',
    'session',
    'push_endpoint',
    'channel',
    'member',
  ],
  ...[
    'member_interval',
    'channel_position',
    'log_head',
    'channel_wake',
    'device_wake',
    'notification_decision',
  ],
]);

/** Fills a database as a large installation has it at noon of 1 January 2030: everybody has read, or was told of, all that was said. */
export async function fillLarge(url: string): Promise<void> {
  const doAll = async (statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      // Whatever refers to something is right: rows are not checked one by one.
      await client.query(
        "SET session_replication_role = replica; SET work_mem = '128MB'; SET maintenance_work_mem = '128MB'",
      );
      const results: pg.QueryResult<{ name: string; made: string }>[] = [];
      for (const statement of statements) results.push(await client.query(statement));
      return results.at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  };
  // Indexes are made in half the time when the rows are there.
  const indexes = await doAll([
    `SELECT indexname AS name, indexdef AS made FROM pg_indexes
      WHERE tablename = ANY ('{${[...largeTables].join(',')}}') AND indexname NOT LIKE '%_pkey'`,
  ]);
  await doAll(indexes.map(({ name }) => `DROP INDEX "${name}"`));
  await Promise.all(streams.map(doAll));
  await doAll(['ANALYZE']);
  await Promise.all(rest.map(doAll));
  await doAll([...indexes.map(({ made }) => made), 'ANALYZE']);
}
