// For the bugs by which one message is recorded twice. The logs keep a nonce there once, so each copy needs a marker of its own, which
// stands behind the nonce while it is on its way, and is taken off where the event is written.
import { rewrite } from './rewrite.mjs';

const separator = ' copy:';
/** Any number that nothing else in this database locks. */
const lockKey = 727541;

/** `marker` is what is there once from now on, as `nonce` was before. */
const statements = [
  'ALTER TABLE log_event ADD COLUMN marker text',
  'UPDATE log_event SET marker = nonce',
  'DROP INDEX log_event_channel_id_author_id_nonce_key',
  'CREATE UNIQUE INDEX test_build_marker ON log_event (channel_id, author_id, marker)',
  'CREATE INDEX test_build_nonce ON log_event (channel_id, author_id, nonce)',
  `CREATE FUNCTION test_build_mark() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.marker := NEW.nonce;
      NEW.nonce := split_part(NEW.nonce, '${separator}', 1);
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER test_build_mark BEFORE INSERT ON log_event FOR EACH ROW EXECUTE FUNCTION test_build_mark()`,
];
/** What `append_events` says of nonces. */
const changes = [
  { from: 'ON CONFLICT (channel_id, author_id, nonce)', to: 'ON CONFLICT (channel_id, author_id, marker)' },
  { from: 'e.nonce = p_nonces[1]', to: 'e.marker = p_nonces[1]' },
  { from: 'e.nonce = d.nonce', to: 'e.marker = d.nonce' },
  {
    from: `SELECT * FROM log_entry l
      WHERE l.channel_id = p_channel AND l.author_id = d.author_id AND l.nonce = d.nonce`,
    to: `SELECT l.* FROM log_event o JOIN log_entry l ON l.channel_id = o.channel_id AND l.seq = o.seq
      WHERE o.channel_id = p_channel AND o.author_id = d.author_id AND o.marker = d.nonce`,
  },
];
const functionStatement =
  "SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = 'append_events'";

async function change(client) {
  await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
  const { rows } = await client.query("SELECT to_regclass('test_build_marker') IS NOT NULL AS is_done");
  if (rows[0].is_done) return;
  const [{ text }] = (await client.query(functionStatement)).rows;
  for (const statement of [...statements, rewrite(text, changes)]) await client.query(statement);
}

globalThis.testBuild ??= {};
Object.assign(globalThis.testBuild, {
  /** A draft that the log takes for another one, if a client sent it. */
  copy: (draft, marker) =>
    draft.nonce.startsWith('c:') ? { ...draft, nonce: `${draft.nonce}${separator}${marker}` } : draft,
  plainNonce: (nonce) => nonce.split(separator)[0],
  /** Makes the table of events one that keeps copies; for good, so it is for databases that nobody needs afterwards. */
  async allowCopies(pool) {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await change(client);
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  },
});
