import type { UserId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Contacts } from '../ports/contacts.ts';
import type { HeadCache, Mark } from '../ports/head-cache.ts';
import type { FeedMoved, FeedPage, Memberships } from '../ports/memberships.ts';
import { type FeedNews, readNews } from './contact-news.ts';
import type { Known } from './head-look.ts';
import { parseFeedHint, userTopic } from './hint.ts';
import { createLingering, type Opened } from './lingering.ts';
import type { StreamRules } from './rules.ts';

/** Versions asked for in one read. */
const batchSize = 500;

/**
 * One per user and process: the newest version of the user's feed that was heard of. Like a hub, by version instead of
 * `seq`; the rows themselves are read when somebody follows, and a read is shared by the user's devices.
 */
export interface Feed {
  /** Grows with every piece of news (a new version, or one that went back): who has seen a smaller one has something to read. */
  news(): number;
  readonly listeners: Set<() => void>;
  /** What changed after `version`. */
  read(after: number): Promise<FeedNews>;
  /** A reader begins with these rows, read after it was attached: whoever has others has something to read. */
  saw(page: Pick<FeedPage, 'epoch' | 'version'>): void;
}

export interface Feeds {
  attach(userId: UserId): Promise<{ readonly feed: Feed; release(): void }>;
  /** Tells every process that these feeds moved. */
  announce(epoch: number, moved: readonly FeedMoved[]): void;
  /** Compares every open feed, or only these, with the rows: finds what no hint told. */
  check(userIds?: readonly UserId[]): Promise<void>;
  /** How far each open feed is. */
  known(): readonly Known<UserId>[];
  close(): Promise<void>;
}

type OpenFeed = Feed & {
  /** As far as it is known; undefined as long as nobody has read it. */
  readonly mark: Mark | undefined;
  onHint(version: number): void;
  onTruth(epoch: number, version: number): void;
};

function createFeed(userId: UserId, rows: FeedsSettings): OpenFeed {
  let epoch: number | undefined;
  let version = 0;
  let news = 0;
  const listeners = new Set<() => void>();
  const reads = new Map<number, Promise<FeedNews>>();

  function moveTo(newVersion: number): void {
    version = newVersion;
    news += 1;
    reads.clear(); // a read on its way may have been too early for this
    for (const listener of listeners) listener();
  }

  return {
    get mark() {
      return epoch === undefined ? undefined : { epoch, at: version };
    },
    news: () => news,
    listeners,
    onHint: (heard) => (heard > version ? moveTo(heard) : undefined),
    onTruth(foundEpoch, found) {
      // Another epoch, or rows that say less than was heard: they were restored, and readers must find out.
      const isNews = found !== version || foundEpoch !== epoch;
      epoch = foundEpoch;
      if (isNews) moveTo(found);
    },
    saw(page) {
      if (epoch === undefined && version === 0) version = page.version;
      else if (page.version !== version || (epoch ?? page.epoch) !== page.epoch)
        moveTo(page.epoch > (epoch ?? 0) ? page.version : Math.max(page.version, version));
      epoch = Math.max(epoch ?? 0, page.epoch);
    },
    read(after) {
      const inFlight = reads.get(after);
      if (inFlight !== undefined) return inFlight;
      const read = readNews(rows, userId, after).finally(() => {
        if (reads.get(after) === read) reads.delete(after);
      });
      reads.set(after, read);
      return read;
    },
  };
}

type FeedsSettings = {
  readonly memberships: Pick<Memberships, 'feedOf' | 'feedVersions'>;
  readonly contacts: Contacts;
  readonly rules: StreamRules;
  readonly bus: Bus;
  readonly heads?: Pick<HeadCache, 'note'> | undefined;
  readonly clock: Pick<Clock, 'now'>;
};

export function createFeeds(settings: FeedsSettings): Feeds {
  const { memberships, bus, heads, clock } = settings;
  const feeds = createLingering(clock, open);

  async function open(userId: UserId): Promise<Opened<OpenFeed>> {
    const value = createFeed(userId, settings);
    const close = await bus.subscribe(userTopic(userId), (payload) => {
      const hint = parseFeedHint(payload);
      if (hint !== undefined) value.onHint(hint.version);
    });
    return { value, close };
  }

  async function checkSome(userIds: readonly UserId[]): Promise<void> {
    const { epoch, versions } = await memberships.feedVersions(userIds);
    for (const [userId, version] of versions) feeds.get(userId)?.onTruth(epoch, version);
  }

  return {
    async attach(userId) {
      const { value, release } = await feeds.attach(userId);
      return { feed: value, release };
    },
    announce(epoch, moved) {
      for (const { userId, version } of moved) {
        bus.publish(userTopic(userId), { epoch, version });
        heads?.note(userTopic(userId), { epoch, at: version });
      }
    },
    known: () =>
      feeds.all().flatMap(([key, { mark }]) => (mark ? [{ ...mark, key, place: userTopic(key) }] : [])),
    async check(userIds) {
      feeds.closeIdle();
      const open = userIds ?? feeds.all().map(([userId]) => userId);
      for (let i = 0; i < open.length; i += batchSize) await checkSome(open.slice(i, i + batchSize));
    },
    close: feeds.close,
  };
}
