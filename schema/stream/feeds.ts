import type { UserId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { FeedMoved, FeedPage, Memberships } from '../ports/memberships.ts';
import { parseFeedHint, userTopic } from './hint.ts';

/** A feed without readers stays this long: a reconnecting device finds it listening. */
const lingerMs = 30_000;
/** Versions asked for in one read. */
const batchSize = 500;

/**
 * One per user and process: the newest version of the user's feed that was heard of. Like a hub, by version instead of
 * `seq`; the rows themselves are read when somebody follows, and a read is shared by the user's devices.
 */
export interface Feed {
  /** Grows with every piece of news (a new version, or one that went back): who has seen a smaller one has something to read. */
  readonly news: number;
  readonly listeners: Set<() => void>;
  /** What changed after `version`. */
  read(after: number): Promise<FeedPage>;
}

export interface Feeds {
  attach(userId: UserId): Promise<{ readonly feed: Feed; release(): void }>;
  /** Tells every process that these feeds moved. */
  announce(epoch: number, moved: readonly FeedMoved[]): void;
  /** Compares every open feed with the rows: finds what no hint told. */
  check(epoch: number): Promise<void>;
  close(): Promise<void>;
}

type Open = Feed & { onHint(version: number): void; onTruth(version: number): void; onRestored(): void };
type Entry = {
  readonly feed: Open;
  readonly listening: Promise<() => void>;
  readers: number;
  idleSince: number;
};

function createFeed(userId: UserId, memberships: Memberships): Open {
  let version = 0;
  let news = 0;
  const listeners = new Set<() => void>();
  const reads = new Map<number, Promise<FeedPage>>();

  function moveTo(newVersion: number): void {
    version = newVersion;
    news += 1;
    reads.clear(); // a read on its way may have been too early for this
    for (const listener of [...listeners]) listener();
  }

  return {
    get news() {
      return news;
    },
    listeners,
    onHint: (heard) => (heard > version ? moveTo(heard) : undefined),
    // The rows say less than was heard: they were restored, and readers must find out.
    onTruth: (found) => (found === version ? undefined : moveTo(found)),
    onRestored: () => moveTo(version),
    read(after) {
      const inFlight = reads.get(after);
      if (inFlight !== undefined) return inFlight;
      const read = memberships.feedOf(userId, after).finally(() => {
        if (reads.get(after) === read) reads.delete(after);
      });
      reads.set(after, read);
      return read;
    },
  };
}

export function createFeeds({
  memberships,
  bus,
  clock,
}: {
  readonly memberships: Memberships;
  readonly bus: Bus;
  readonly clock: Clock;
}): Feeds {
  const entries = new Map<UserId, Entry>();
  let knownEpoch: number | undefined;

  function entryOf(userId: UserId): Entry {
    const known = entries.get(userId);
    if (known !== undefined) return known;
    const feed = createFeed(userId, memberships);
    const listening = bus.subscribe(userTopic(userId), (payload) => {
      const hint = parseFeedHint(payload);
      if (hint !== undefined) feed.onHint(hint.version);
    });
    const entry: Entry = { feed, listening, readers: 0, idleSince: clock.now() };
    listening.catch(() => entries.delete(userId)); // the next reader tries anew; this one is told by `attach`
    entries.set(userId, entry);
    return entry;
  }

  async function drop(userId: UserId, entry: Entry): Promise<void> {
    entries.delete(userId);
    (await entry.listening.catch(() => undefined))?.();
  }

  async function checkSome(userIds: readonly UserId[]): Promise<void> {
    const { versions } = await memberships.feedVersions(userIds);
    for (const [userId, version] of versions) entries.get(userId)?.feed.onTruth(version);
  }

  return {
    async attach(userId) {
      const entry = entryOf(userId);
      entry.readers += 1;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.readers -= 1;
        entry.idleSince = clock.now();
      };
      try {
        await entry.listening;
        return { feed: entry.feed, release };
      } catch (failure) {
        release();
        throw failure;
      }
    },
    announce(epoch, moved) {
      for (const { userId, version } of moved) bus.publish(userTopic(userId), { epoch, version });
    },
    async check(epoch) {
      const longAgo = clock.now() - lingerMs;
      for (const [userId, entry] of entries) {
        if (entry.readers === 0 && entry.idleSince < longAgo) await drop(userId, entry);
      }
      const open = [...entries.keys()];
      if (knownEpoch !== undefined && epoch !== knownEpoch)
        for (const { feed } of entries.values()) feed.onRestored();
      knownEpoch = epoch;
      for (let i = 0; i < open.length; i += batchSize) await checkSome(open.slice(i, i + batchSize));
    },
    async close() {
      for (const [userId, entry] of entries) await drop(userId, entry);
    },
  };
}
