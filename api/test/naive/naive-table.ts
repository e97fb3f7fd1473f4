import type { Pool } from 'pg';
import { startError } from '../../../prisma/start-error.ts';
import { withTransaction } from '../../drivers/postgres-connection.ts';

/** Any number that nothing else in this database locks. */
const lockKey = 727540;

/** Nothing holds an id, or what a client says to know its message by, to be there once: the number comes from Redis. */
const statements = [
  'ALTER TABLE log_event DROP CONSTRAINT log_event_pkey',
  'DROP INDEX log_event_channel_id_author_id_nonce_key',
  'DROP INDEX log_event_message_number',
  'CREATE INDEX naive_number ON log_event (channel_id, number) WHERE kind = 1',
  // What a server says of members is not what is compared: it is kept once, as in the product.
  'CREATE UNIQUE INDEX naive_of_servers ON log_event (channel_id, author_id, nonce) WHERE author_id = 0',
  'CREATE INDEX naive_seq ON log_event (channel_id, seq)',
  // Nobody here asks for it; for whoever looks at the store from outside.
  'DROP TABLE log_head',
  `CREATE VIEW log_head AS SELECT channel_id, max(seq) AS head, max(number) AS message_count, max(created_at) AS last_created_at
    FROM log_event GROUP BY channel_id`,
] as const;

/**
 * Makes the table of events of this database one as the naive design has it, if it is none yet. For good: so it throws a StartError
 * where something is in it already.
 */
export async function makeNaiveTable(pool: Pool): Promise<void> {
  await withTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    const { rows } = await client.query<{ is_naive: boolean; is_used: boolean }>(
      "SELECT to_regclass('naive_seq') IS NOT NULL AS is_naive, EXISTS (SELECT FROM log_event) AS is_used",
    );
    if (rows[0]?.is_naive) return;
    if (rows[0]?.is_used !== false)
      throw startError('There are messages in this database: the naive design is for empty ones.');
    for (const statement of statements) await client.query(statement);
  });
}
