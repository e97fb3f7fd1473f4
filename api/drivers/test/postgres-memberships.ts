import { openDatabase } from '../../../prisma/open-database.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import type { Sides } from '../../../schema/contact/contact.policy.ts';
import { lockPair, readSides, writeSides } from '../../../schema/contact/contact-rows.ts';
import { channelIdOf, rowIdOf, type UserId, userIdOf } from '../../../schema/ids.ts';
import { groupName, start } from '../../../schema/ports/memberships-world.contract.ts';
import type { PositionsWorld } from '../../../schema/ports/positions-world.contract.ts';
import { moveViewerFeed } from '../../../schema/viewer-feed.ts';
import { openPostgresContacts } from '../contacts.postgres.ts';
import { openPostgresMemberships } from '../memberships.postgres.ts';
import { openPostgresPositions } from '../positions.postgres.ts';

const insertUser = `INSERT INTO user_account (handle, handle_key, display_name, colour, password_hash)
  SELECT name, name, name, 'none', 'none' FROM (SELECT gen_random_uuid()::text AS name) n RETURNING id`;
const insertChannel = `INSERT INTO channel (kind, name, created_by_id, nonce)
  VALUES ('GROUP', $2, $1, gen_random_uuid()) RETURNING id`;
const insertDirect = `INSERT INTO channel (kind, history_visibility, created_by_id, direct_low_id, direct_high_id)
  VALUES ('DIRECT', 'ALL', $1, least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint)) RETURNING id`;

/** People and channels in a database of their own. What operations write beside the port is written as they do it. */
export async function openPostgresWorld(): Promise<PositionsWorld> {
  const { url, close } = await openTestDatabase();
  const database = await openDatabase(url, { poolSize: 10 });
  const insert = async (text: string, values: unknown[]) => {
    const { rows } = await database.pool.query<{ id: string }>(text, values);
    return rows[0]?.id ?? '';
  };
  const creator = await insert(insertUser, []);
  const changeSides = (me: UserId, them: UserId, change: (before: Sides) => Sides) =>
    database.prisma.$transaction(async (tx) => {
      const pair = { me: rowIdOf.user(me), them: rowIdOf.user(them) };
      await lockPair(tx, pair);
      const before = await readSides(tx, pair);
      if (before === undefined) throw new Error('There is no such user.');
      return writeSides(tx, pair, { before, after: change(before), now: start });
    });
  return {
    memberships: await openPostgresMemberships({ pool: database.pool }),
    contacts: await openPostgresContacts({ pool: database.pool }),
    positions: await openPostgresPositions({ pool: database.pool }),
    newUser: async () => userIdOf(await insert(insertUser, [])),
    newChannel: async () => channelIdOf(await insert(insertChannel, [creator, groupName])),
    newDirect: async (pair) => channelIdOf(await insert(insertDirect, pair.map(rowIdOf.user))),
    touchViewer: (userId) => database.prisma.$transaction((tx) => moveViewerFeed(tx, rowIdOf.user(userId))),
    async touchContact(userId, otherId) {
      const { moved } = await changeSides(userId, otherId, ({ mine, theirs }) => {
        const state = mine.state === 'NONE' ? 'REQUESTED_BY_ME' : 'NONE';
        return { mine: { ...mine, state }, theirs };
      });
      const [only] = moved;
      if (only === undefined) throw new Error('Nothing moved.');
      return only;
    },
    async block({ by, of, isBlocked }) {
      return (await changeSides(by, of, ({ theirs }) => ({ mine: { state: 'NONE', isBlocked }, theirs })))
        .moved;
    },
    async close() {
      await database.close();
      await close();
    },
  };
}
