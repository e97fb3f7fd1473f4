import type { UserId } from '../ids.ts';
import type { FeedPage, Memberships } from '../ports/memberships.ts';

type Rows = Pick<Memberships, 'of' | 'feedOf'>;

/**
 * The same rows, where readers that open at the same moment share their reads. Nobody joins a read that has begun: it may show
 * less than a cursor that was handed out meanwhile, which would then look like one of a log that is no more. Who asks while one
 * is on its way shares the next with all others who did. So a person costs one read at a time, however many ask.
 */
export function sharingRows({ of, feedOf }: Rows): Rows {
  const running = new Map<string, Promise<FeedPage>>();
  /** Not begun yet: whoever asks now is early enough. */
  const next = new Map<string, Promise<FeedPage>>();

  function begin(key: string, userId: UserId, after: number): Promise<FeedPage> {
    const before = running.get(key) ?? Promise.resolve();
    const read = before
      .catch(() => undefined) // its own askers are told
      .then(() => {
        next.delete(key);
        running.set(key, read);
        return feedOf(userId, after);
      })
      .finally(() => {
        if (running.get(key) === read) running.delete(key);
      });
    return read;
  }

  return {
    of,
    feedOf(userId, after) {
      const key = `${userId} ${after}`;
      const read = next.get(key) ?? begin(key, userId, after);
      next.set(key, read);
      return read;
    },
  };
}
