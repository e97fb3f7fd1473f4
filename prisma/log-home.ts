import type { Pool } from 'pg';
import { startError } from './start-error.ts';

const known = `SELECT to_regclass('log_event') IS NOT NULL AND to_regclass('member_interval') IS NOT NULL AS is_known`;

/**
 * Throws a StartError when the messages of this database are kept elsewhere than they would be looked for: everything that was said
 * would seem to be gone, and what is said now would be where nobody looks later. A database of before there was a choice is fine.
 */
export async function checkLogHome(pool: Pool, home: 'PostgreSQL' | 'Cassandra'): Promise<void> {
  if (!(await pool.query<{ is_known: boolean }>(known)).rows[0]?.is_known) return;
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

/** Which installation this is, by the words of the log, and its epoch: a restore raises it. */
export async function readInstallation(
  pool: Pool,
): Promise<{ readonly installation: string; readonly epoch: number }> {
  const { rows } = await pool.query<{ uuid: string; epoch: number }>('SELECT uuid, epoch FROM installation');
  const [row] = rows;
  if (row === undefined) throw new Error('The row that names the installation is missing.');
  return { installation: row.uuid, epoch: row.epoch };
}

export const readEpoch = async (pool: Pool): Promise<number> => (await readInstallation(pool)).epoch;
