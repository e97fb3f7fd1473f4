import type { Pool } from 'pg';
import { rowIdOf, userIdOf } from '../../schema/ids.ts';
import { type Contacts, maxContactsMoved } from '../../schema/ports/contacts.ts';
import { readTimeoutMs, withConnection } from './postgres-connection.ts';

/** One more than is told, to know whether they are too many. */
const readMoved = `SELECT other_id, feed_version FROM contact
  WHERE user_id = $1 AND feed_version > $2 AND feed_version <= $3 ORDER BY feed_version LIMIT ${maxContactsMoved + 1}`;

type MovedRow = { readonly other_id: string; readonly feed_version: string };

/** What changed of people's contacts, in PostgreSQL. The pool may be shared, and stays open: who opened it closes it. */
export async function openPostgresContacts({ pool }: { readonly pool: Pool }): Promise<Contacts> {
  return {
    async movedIn(userId, { after, upTo }) {
      const values = [rowIdOf.user(userId), after, upTo];
      const query = { name: 'contacts_moved', text: readMoved, values };
      const { rows } = await withConnection(pool, readTimeoutMs, (client) => client.query<MovedRow>(query));
      if (rows.length > maxContactsMoved) return undefined;
      return rows.map(({ other_id, feed_version }) => {
        return { otherId: userIdOf(other_id), feedVersion: Number(feed_version) };
      });
    },
  };
}
