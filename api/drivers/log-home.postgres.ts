import type { Pool } from 'pg';
import { startError } from '../../prisma/start-error.ts';

/**
 * Throws a StartError when the messages of this database are kept elsewhere than they would be looked for: everything that was said
 * would seem to be gone, and what is said now would be where nobody looks later.
 */
export async function checkLogHome(pool: Pool, home: 'PostgreSQL' | 'Cassandra'): Promise<void> {
  const { rows } = await pool.query<{ has_events: boolean; has_members: boolean }>(
    `SELECT EXISTS (SELECT FROM log_event) AS has_events,
      EXISTS (SELECT FROM member_interval WHERE joined_seq IS NOT NULL) AS has_members`,
  );
  const [{ has_events, has_members } = { has_events: false, has_members: false }] = rows;
  if (home === 'Cassandra' && has_events)
    throw startError(
      'The messages of this database are in PostgreSQL itself: remove CASSANDRA_CONTACT_POINTS, or begin with an empty database.',
    );
  if (home === 'PostgreSQL' && has_members && !has_events)
    throw startError('The messages of this database are in Cassandra: set CASSANDRA_CONTACT_POINTS.');
}

/** Which epoch this installation is in: a restore raises it. */
export async function readEpoch(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ epoch: number }>('SELECT epoch FROM installation');
  const [row] = rows;
  if (row === undefined) throw new Error('The row that names the installation is missing.');
  return row.epoch;
}
