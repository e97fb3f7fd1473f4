import { type HeadCache, isAhead, type Mark } from '../ports/head-cache.ts';

/** How far this process knows a place to be. */
export type Known<K> = Mark & { readonly key: K; readonly place: string };

/** What looks at the truth when the cache of heads is ahead of it. */
export type Watched<K> = {
  known(): readonly Known<K>[];
  /** Reads the truth of these. Rejects when it cannot be read. */
  check(keys: readonly K[]): Promise<void>;
};

/**
 * Compares what is known here with the cache of heads, and reads the truth where the cache is ahead: a hint was lost. The cache is
 * never believed: a mark that turned out to be wrong costs one read, and is not looked at again until it is another one.
 */
export function createHeadLook<K>(cache: HeadCache, { known, check }: Watched<K>): () => Promise<void> {
  /** Marks that are ahead, and that the truth was read for. */
  let settled = new Map<string, Mark>();

  return async () => {
    const here = known();
    if (here.length === 0) return;
    const newest = await cache.newest(here.map(({ place }) => place));
    const ahead = new Map<string, Mark>();
    const behind = new Set<K>();
    for (const one of here) {
      const mark = newest.get(one.place);
      if (mark === undefined || !isAhead(mark, one)) continue;
      ahead.set(one.place, mark);
      const seen = settled.get(one.place);
      if (seen === undefined || isAhead(mark, seen)) behind.add(one.key);
    }
    if (behind.size > 0) await check([...behind]);
    settled = ahead;
  };
}
