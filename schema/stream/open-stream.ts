import { chatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import type { Platform } from '../ports/platform.ts';
import { createCursorCodec } from './cursor.ts';
import type { EventDraft } from './event.ts';
import { createFeeds } from './feeds.ts';
import { createGroupCommit } from './group-commit.ts';
import { channelTopic } from './hint.ts';
import { createHubs } from './hubs.ts';
import { createMembershipCache } from './membership-cache.ts';
import type { StreamObserver } from './observer.ts';
import { createReaders } from './open-readers.ts';
import { createOutbox } from './outbox.ts';
import { allRules, type StreamRules } from './rules.ts';
import type { Stream } from './stream.ts';
import { takeSyncPoint } from './sync-point.ts';
import { createUpkeep } from './upkeep.ts';

export type StreamSettings = Pick<
  Platform,
  'log' | 'bus' | 'memberships' | 'contacts' | 'clock' | 'logger'
> & {
  /** Names the installation: cursors of another one are refused. */
  readonly installation: string;
  readonly rules?: StreamRules;
  readonly observer?: StreamObserver;
  /** Two processes that look at everything at the same moment help nobody: 0 to 1, by default at random. */
  readonly jitter?: () => number;
};

/** How long `close` waits for what is in flight: as long as its senders would. */
const closeMs = 5_000;

/** Opens the stream of one process. Reads the log's epoch first, so it rejects when the log cannot be reached. */
export async function openStream(settings: StreamSettings): Promise<Stream> {
  const { log, bus, memberships, contacts, clock, logger, observer, rules = allRules } = settings;
  const codec = createCursorCodec(settings.installation);
  const commit = createGroupCommit(log, clock, rules);
  const hubs = createHubs({ log, bus, clock, codec, rules, observer });
  const feeds = createFeeds({ memberships, contacts, bus, clock, rules });
  const cache = createMembershipCache(memberships, clock);
  const readers = createReaders({ hubs, feeds, memberships, contacts, log, codec, clock, rules, observer });
  const lookAtEpoch = async () => hubs.sawEpoch((await log.heads([])).epoch);
  await lookAtEpoch();

  /** The only place where a commit meets its announcement: a hint may never precede the fact. */
  async function append(channelId: ChannelId, drafts: readonly EventDraft[]) {
    const appended = await Promise.all(commit.append(channelId, drafts));
    bus.publish(channelTopic(channelId), { epoch: hubs.epoch, events: appended.map(({ event }) => event) });
    return appended;
  }

  const announce = (moved: readonly FeedMoved[]) => feeds.announce(hubs.epoch, moved);
  const outbox = createOutbox({ memberships, clock, rules, append, announce });
  const upkeep = createUpkeep({
    clock,
    bus,
    logger,
    jitter: settings.jitter ?? Math.random,
    sweep: outbox.sweep,
    async check(cause) {
      await lookAtEpoch();
      await Promise.all([hubs.check(cause), feeds.check()]);
    },
    tick: readers.tick,
  });

  async function settleMembership(channelId: ChannelId, version: number): Promise<void> {
    try {
      await outbox.work(channelId, version);
    } catch (failure) {
      // The rows are written: the sweep will bring them into the log. Only the answer cannot wait for that.
      logger.warn({ err: failure, channelId }, 'a change of membership waits for the log');
      throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 2_000 });
    }
  }

  return {
    async record(channelId, draft) {
      const [appended] = await append(channelId, [draft]);
      if (appended === undefined) throw new Error('The log did not answer.');
      return appended;
    },
    async changeMembership(channelId, who, decide) {
      const changed = await memberships.change(channelId, { ...who, now: clock.now() }, decide);
      if (changed === undefined) return undefined;
      cache.forget(channelId);
      announce(changed.moved);
      await settleMembership(channelId, changed.version);
      cache.forget(channelId);
      return changed.result;
    },
    async changeOwn(userId, channelId, own) {
      const moved = await memberships.changeOwn(userId, channelId, own);
      if (moved !== undefined) announce([moved]);
      return moved !== undefined;
    },
    announceFeed: (moved) => announce([moved]),
    forgetRights: cache.forget,
    follow: readers.follow,
    followMessages: readers.followMessages,
    changes: readers.changes,
    syncPoint: (userId) => takeSyncPoint({ memberships, log, codec }, userId),
    membershipOf: cache.get,
    memberships,
    history: log,
    async close() {
      readers.endAll();
      let isIdle = false;
      const idle = commit.whenIdle().then(() => {
        isIdle = true;
      });
      const isClosed = await within(
        closeMs,
        Promise.all([idle, upkeep.close(), hubs.close(), feeds.close()]),
      );
      if (!isClosed) logger.warn('the stream closed while a store or the bus did not answer');
      return isIdle;
    },
  };

  /** Whether this resolved in time. */
  async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
    const isOver = new AbortController();
    const late = clock.sleep(ms, isOver.signal).then(() => false);
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      isOver.abort();
    }
  }
}
