import type pg from 'pg';
import type { Logger } from 'pino';
import { startError } from '../prisma/start-error.ts';

/** Any number that nothing else in this database locks; this one spells "parley" on a phone. */
const lockKey = 727539;

/**
 * Takes the place of the one server on this database. Hints travel inside one process, so a second server would deliver
 * late, by its polls only: it must not start. PostgreSQL gives the place back when the connection ends, however it ends.
 * Throws a StartError when the place is taken.
 */
export async function openServerLock(pool: pg.Pool, logger: Logger): Promise<{ close(): Promise<void> }> {
  const client = await pool.connect();
  let isClosed = false;
  client.on('error', (err) => {
    if (!isClosed) logger.warn({ err }, 'the connection that keeps this server alone on its database broke');
  });
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
    lockKey,
  ]);
  if (rows[0]?.taken !== true) {
    client.release();
    throw startError(
      'Another Parley server works on this database: stop it first, or give this one a DATABASE_URL of its own.',
    );
  }
  return {
    async close() {
      // Ending the connection gives the lock back; a pooled one would keep it. That the database may stop before it has heard
      // of the end is no loss worth a warning.
      isClosed = true;
      client.release(true);
    },
  };
}
