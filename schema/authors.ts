import type { User } from './account/users.ts';
import type { UserId } from './ids.ts';
import type { Clock } from './ports/clock.ts';
import { createReadInTurn } from './read-in-turn.ts';

/**
 * How old what is said of an author may be, in milliseconds: shorter than an event may wait in a socket, and long enough that who
 * writes ten messages a second is read with every third.
 */
export const authorMs = 250;
/** So many people at most: a few megabytes. */
const maxAuthors = 10_000;
/** As many as one statement is asked for. */
const mostTogether = 1_000;

/** Those who appear in events, as everybody sees them: a delivery asks for its author, and events come in crowds. */
export interface Authors {
  /** Those of these people that exist, in no order, as they were at most `authorMs` ago. */
  of(userIds: readonly UserId[]): Promise<User[]>;
  /** This process changed how they are seen: it must not answer from before. */
  forget(userId: UserId): void;
}

type Settings = {
  readonly clock: Pick<Clock, 'now'>;
  /** Reads those that exist, for nobody in particular. */
  readonly read: (userIds: readonly UserId[]) => Promise<readonly User[]>;
};
type Entry = { readonly found: Promise<User | undefined>; readonly at: number };

export function createAuthors({ clock, read }: Settings): Authors {
  const readInTurn = createReadInTurn<UserId, User>(mostTogether, async (ids) => {
    const users = await read(ids);
    return new Map(users.map((user) => [user.id, user]));
  });
  /** In the order in which they were read. */
  const entries = new Map<UserId, Entry>();

  /** A clock that was set back must not keep an answer for longer. */
  function freshEntry(userId: UserId): Entry | undefined {
    const entry = entries.get(userId);
    const ageMs = entry === undefined ? authorMs : clock.now() - entry.at;
    return ageMs >= 0 && ageMs < authorMs ? entry : undefined;
  }

  function keep(userId: UserId, entry: Entry): void {
    entries.delete(userId);
    for (const oldest of entries.keys()) {
      if (entries.size < maxAuthors) break;
      entries.delete(oldest);
    }
    entries.set(userId, entry);
    entry.found.catch(() => entries.get(userId) === entry && entries.delete(userId));
  }

  return {
    async of(userIds) {
      // Looked for before anything is kept, as that lets the oldest go.
      const known = userIds.map((userId) => freshEntry(userId)?.found);
      const missing = userIds.filter((_, nth) => known[nth] === undefined);
      const [at, reading] = [clock.now(), missing.length > 0 ? readInTurn(missing) : undefined];
      const asked = userIds.map((userId, nth) => {
        if (known[nth] !== undefined || reading === undefined) return known[nth];
        const found = reading.then((users) => users.get(userId));
        keep(userId, { at, found });
        return found;
      });
      const found = await Promise.all(asked);
      return found.filter((user) => user !== undefined);
    },
    forget: (userId) => void entries.delete(userId),
  };
}
