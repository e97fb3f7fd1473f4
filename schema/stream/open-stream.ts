import { chatError } from '../errors.ts';
import type { ChannelId, UserId } from '../ids.ts';
import type { Platform } from '../ports/platform.ts';
import { createCursorCodec } from './cursor.ts';
import type { Delivery } from './delivery.ts';
import { createFeeds } from './feeds.ts';
import { createGroupCommit } from './group-commit.ts';
import { channelTopic } from './hint.ts';
import { createHubs } from './hubs.ts';
import { joinedSeqOf } from './intervals.ts';
import { createMembershipCache } from './membership-cache.ts';
import { createMessageReader, startOf } from './message-reader.ts';
import { createOutbox } from './outbox.ts';
import { openPlaces, type Places } from './places.ts';
import { createReader, createWaker } from './reader.ts';
import { allRules, type StreamRules } from './rules.ts';
import type { Stream } from './stream.ts';
import { createUpkeep } from './upkeep.ts';

export type StreamSettings = Pick<Platform, 'log' | 'bus' | 'memberships' | 'clock' | 'logger'> & {
  /** Names the installation: cursors of another one are refused. */
  readonly installation: string;
  readonly rules?: StreamRules;
  /** Two processes that look at everything at the same moment help nobody: 0 to 1, by default at random. */
  readonly jitter?: () => number;
};

/** How long `close` waits for appends in flight: as long as their senders would. */
const closeMs = 5_000;

/** Opens the stream of one process. Reads the log's epoch first, so it rejects when the log cannot be reached. */
export async function openStream(settings: StreamSettings): Promise<Stream> {
  const { log, bus, memberships, clock, logger, installation, rules = allRules } = settings;
  const codec = createCursorCodec(installation);
  const commit = createGroupCommit(log, clock, rules);
  const hubs = createHubs({ log, bus, clock, codec, rules });
  const feeds = createFeeds({ memberships, bus, clock });
  const cache = createMembershipCache(memberships, clock);
  const readers = new Set<{ tick(): void; end(): void }>();
  let { epoch } = await log.heads([]);

  /** The only place where a commit meets its announcement: a hint may never precede the fact. */
  async function append(channelId: ChannelId, drafts: Parameters<typeof commit.append>[1]) {
    const appended = await Promise.all(commit.append(channelId, drafts));
    bus.publish(channelTopic(channelId), { epoch, events: appended.map(({ event }) => event) });
    return appended;
  }

  const outbox = createOutbox({
    memberships,
    clock,
    rules,
    append,
    announce: (moved) => feeds.announce(epoch, moved),
  });
  const upkeep = createUpkeep({
    clock,
    bus,
    logger,
    jitter: settings.jitter ?? Math.random,
    sweep: () => outbox.sweep(),
    check: async () => {
      ({ epoch } = await log.heads([]));
      await Promise.all([hubs.check(), feeds.check(epoch)]);
    },
    tick: () => {
      for (const reader of readers) reader.tick();
    },
  });
  const deps = { hubs, feeds, memberships, codec, clock, rules };

  async function settleMembership(channelId: ChannelId, version: number): Promise<void> {
    try {
      await outbox.work(channelId, version);
    } catch (failure) {
      // The rows are written: the sweep will bring them into the log. Only the answer cannot wait for that.
      logger.warn({ err: failure, channelId }, 'a change of membership waits for the log');
      throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 2_000 });
    }
  }

  async function follow(userId: UserId, after: readonly string[] | undefined, signal: AbortSignal) {
    const position = after === undefined ? undefined : codec.merge(userId, after);
    const end = new AbortController();
    const onAbort = () => end.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const waker = createWaker(end.signal);
    const places = await openPlaces(deps, { userId, position }, waker.onNews);
    const onEnd = () => {
      signal.removeEventListener('abort', onAbort);
      readers.delete(entry);
    };
    const reader = createReader({ places, clock, waker, end, onEnd });
    const entry = { tick: () => reader.tick(), end: () => end.abort() };
    readers.add(entry);
    if (signal.aborted) end.abort();
    return reader;
  }

  const followMessages: Stream['followMessages'] = async (userId, wanted, signal) => {
    const [membership] = await memberships.of(userId, [wanted.channelId]);
    if (membership === undefined || joinedSeqOf(membership) === undefined) return undefined;
    const waker = createWaker(signal);
    const attached = await hubs.attach(wanted.channelId);
    attached.hub.listeners.add(waker.onNews);
    const end = new AbortController();
    const entry = { tick: () => undefined, end: () => end.abort() };
    const release = () => {
      attached.hub.listeners.delete(waker.onNews);
      attached.release();
      readers.delete(entry);
    };
    end.signal.addEventListener('abort', waker.onNews, { once: true });
    readers.add(entry);
    const from = await startOf(log, wanted, { hub: attached.hub, membership }).catch((failure) => {
      release();
      throw failure;
    });
    const either = AbortSignal.any([signal, end.signal]);
    return createMessageReader({
      userId,
      hub: attached.hub,
      membership,
      from,
      wanted,
      waker,
      signal: either,
      release,
    });
  };

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
      feeds.announce(epoch, changed.moved);
      await settleMembership(channelId, changed.version);
      cache.forget(channelId);
      return changed.result;
    },
    follow,
    followMessages,
    async changes(userId, after, first) {
      const places = await openPlaces(
        deps,
        { userId, position: codec.merge(userId, after) },
        () => undefined,
      );
      try {
        return await pageOf(places, first);
      } finally {
        places.close();
      }
    },
    async syncCursor(userId) {
      // Rows first, then heads: whatever is read later shows at least both.
      const page = await memberships.feedOf(userId, 0);
      const present = page.memberships.filter((membership) => joinedSeqOf(membership) !== undefined);
      const { heads } = await log.heads(present.map(({ channelId }) => channelId));
      const places = present.map(({ channelId }) => [channelId, heads.get(channelId)?.head ?? 0] as const);
      return codec.complete(userId, page.epoch, page.version, places);
    },
    membershipOf: (userId, channelId) => cache.get(userId, channelId),
    memberships,
    history: log,
    async close() {
      for (const reader of [...readers]) reader.end();
      const isIdle = await Promise.race([
        commit.whenIdle().then(() => true),
        clock.sleep(closeMs).then(() => false),
      ]);
      await upkeep.close();
      await Promise.all([hubs.close(), feeds.close()]);
      return isIdle;
    },
  };
}

async function pageOf(places: Places, first: number) {
  const events: Delivery[] = [];
  while (events.length < first) {
    const delivery = await places.pull();
    if (delivery === undefined) return { events, cursor: places.cursor(), hasMore: false };
    events.push(delivery);
  }
  return { events, cursor: places.cursor(), hasMore: true };
}
