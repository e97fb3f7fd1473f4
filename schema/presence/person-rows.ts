import { type User, usersOf } from '../account/users.ts';
import { rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Platform } from '../ports/platform.ts';

/** How somebody is written down, but for what is between them and others. */
export type Profile = Omit<User, 'relation'>;

/** What presence reads and writes of people, whoever looks. */
export interface PersonRows {
  /** Those of them who exist. */
  profilesOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Profile>>;
  /**
   * Keeps when people were there last, in milliseconds since 1970, never an earlier time than before. Of who wants to be
   * invisible nothing is kept. Answers of whom it was.
   */
  saveSeen(seen: ReadonlyMap<UserId, number>): Promise<ReadonlySet<UserId>>;
}

/** So many rows in one statement. */
const atOnce = 1_000;

type Prisma = Platform['prisma'];
type Seen = readonly [userId: UserId, at: number];

export const createPersonRows = ({ prisma }: Pick<Platform, 'prisma'>): PersonRows => ({
  async profilesOf(userIds) {
    const users = await usersOf({ prisma, viewer: undefined }, userIds);
    return new Map(users.map(({ relation: _, ...profile }) => [profile.id, profile]));
  },
  async saveSeen(seen) {
    const [all, kept] = [[...seen], new Set<UserId>()];
    for (let from = 0; from < all.length; from += atOnce)
      for (const userId of await saveSome(prisma, all.slice(from, from + atOnce))) kept.add(userId);
    return kept;
  },
});

async function saveSome(prisma: Prisma, seen: readonly Seen[]): Promise<UserId[]> {
  const [first, ...others] = seen;
  if (first === undefined) return [];
  if (others.length === 0) return saveOne(prisma, first);
  const { met, kept } = await saveThoseFree(prisma, seen);
  for (const one of seen) if (!met.has(one[0])) kept.push(...(await saveOne(prisma, one)));
  return kept;
}

async function saveOne(prisma: Prisma, [userId, at]: Seen): Promise<UserId[]> {
  const kept =
    await prisma.$executeRaw`UPDATE user_account SET last_seen_at = greatest(last_seen_at, ${new Date(at)})
    WHERE id = ${rowIdOf.user(userId)} AND NOT is_invisible`;
  return kept > 0 ? [userId] : [];
}

/** A row that somebody else is changing is passed over here: who waits for one would hold all the others. */
async function saveThoseFree(prisma: Prisma, seen: readonly Seen[]) {
  const [ids, times] = [seen.map(([id]) => rowIdOf.user(id)), seen.map(([, at]) => new Date(at))];
  const rows = await prisma.$queryRaw<{ id: bigint; isInvisible: boolean }[]>`
    WITH free AS (
      SELECT id, is_invisible FROM user_account WHERE id = ANY (${ids}::bigint[])
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    ), saved AS (
      UPDATE user_account u SET last_seen_at = greatest(u.last_seen_at, seen.at)
      FROM free, unnest(${ids}::bigint[], ${times}::timestamptz[]) AS seen (id, at)
      WHERE u.id = free.id AND seen.id = free.id AND NOT free.is_invisible
    )
    SELECT id, is_invisible AS "isInvisible" FROM free`;
  const kept = rows.filter(({ isInvisible }) => !isInvisible).map(({ id }) => userIdOf(id));
  return { met: new Set(rows.map(({ id }) => userIdOf(id))), kept };
}

/** A hint waits for the row so long, in milliseconds: who is there is not for the database to say. */
const patienceMs = 500;

type Settings = {
  readonly rows: Pick<PersonRows, 'saveSeen'>;
  readonly clock: Clock;
  readonly logger: Pick<Platform['logger'], 'warn'>;
  /** This is kept now, and was not when somebody waited for it. */
  readonly onLate: (seen: ReadonlyMap<UserId, number>) => void;
};
const nothing: ReadonlyMap<UserId, number> = new Map();

/**
 * Writes when people were there last, and holds nobody up. What cannot be written is not tried again: by then it could be of a
 * time when they wanted to be invisible, and nobody would know. Of who is still there it is written again soon, anyway.
 */
export function createLastSeen({ rows, clock, logger, onLate }: Settings) {
  const writing = new Set<Promise<unknown>>();

  /** Never rejects. Answers what is kept. */
  async function write(seen: ReadonlyMap<UserId, number>): Promise<ReadonlyMap<UserId, number>> {
    try {
      const kept = await rows.saveSeen(seen);
      return new Map([...seen].filter(([userId]) => kept.has(userId)));
    } catch (failure) {
      logger.warn({ err: failure }, 'when people were there last could not be kept');
      return nothing;
    }
  }

  return {
    /** Answers what of it is kept, as far as that is known soon. */
    async save(seen: ReadonlyMap<UserId, number>): Promise<ReadonlyMap<UserId, number>> {
      if (seen.size === 0) return nothing;
      const done = new AbortController();
      let isAwaited = true;
      const saving = write(seen).then((kept) => {
        done.abort();
        writing.delete(saving);
        if (!isAwaited) onLate(kept);
        return kept;
      });
      writing.add(saving);
      await Promise.race([saving, clock.sleep(patienceMs, done.signal)]);
      if (done.signal.aborted) return saving;
      isAwaited = false;
      return nothing;
    },
    /** Resolves when nothing is being written any more. */
    async finish(): Promise<void> {
      await Promise.all([...writing]);
    },
  };
}
