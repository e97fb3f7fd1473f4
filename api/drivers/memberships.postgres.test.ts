import { openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import { channelIdOf, rowIdOf, userIdOf } from '../../schema/ids.ts';
import { membershipsContract } from '../../schema/ports/memberships.contract.ts';
import { groupName } from '../../schema/ports/memberships-world.contract.ts';
import { moveViewerFeed } from '../../schema/viewer-feed.ts';
import { openPostgresMemberships } from './memberships.postgres.ts';

const insertUser = `INSERT INTO user_account (handle, handle_key, display_name, colour, password_hash)
  SELECT name, name, name, 'none', 'none' FROM (SELECT gen_random_uuid()::text AS name) n RETURNING id`;
const insertChannel = `INSERT INTO channel (kind, name, created_by_id, nonce)
  VALUES ('GROUP', $2, $1, gen_random_uuid()) RETURNING id`;

membershipsContract('postgres', async () => {
  const { url, close } = await openTestDatabase();
  const database = await openDatabase(url, { poolSize: 10 });
  const insert = async (text: string, values: unknown[]) => {
    const { rows } = await database.pool.query<{ id: string }>(text, values);
    return rows[0]?.id ?? '';
  };
  const creator = await insert(insertUser, []);
  return {
    memberships: await openPostgresMemberships({ pool: database.pool }),
    newUser: async () => userIdOf(await insert(insertUser, [])),
    newChannel: async () => channelIdOf(await insert(insertChannel, [creator, groupName])),
    touchViewer: (userId) => database.prisma.$transaction((tx) => moveViewerFeed(tx, rowIdOf.user(userId))),
    async close() {
      await database.close();
      await close();
    },
  };
});
