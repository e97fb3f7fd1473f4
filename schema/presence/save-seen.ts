import { rowIdOf, type UserId } from '../ids.ts';
import type { Platform } from '../ports/platform.ts';
import type { SaveSeen } from './open-presence.ts';

/** So many rows in one statement. */
const atOnce = 1_000;

/** Keeps when people were there last, never an earlier time than before. Of who wants to be invisible nothing is kept. */
export const createSaveSeen =
  ({ prisma }: Pick<Platform, 'prisma'>): SaveSeen =>
  async (userIds: readonly UserId[], at: number) => {
    for (let from = 0; from < userIds.length; from += atOnce) {
      const rows = userIds.slice(from, from + atOnce).map(rowIdOf.user);
      // A row that somebody else is changing is passed over, unless it is the only one: several locks could wait for theirs.
      await (rows.length === 1
        ? prisma.$executeRaw`UPDATE user_account SET last_seen_at = greatest(last_seen_at, ${new Date(at)})
            WHERE id = ANY (${rows}) AND NOT is_invisible`
        : prisma.$executeRaw`UPDATE user_account SET last_seen_at = greatest(last_seen_at, ${new Date(at)})
            WHERE id IN (
              SELECT id FROM user_account WHERE id = ANY (${rows}) AND NOT is_invisible
              ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
            )`);
    }
  };
