import { chatError } from '../errors.ts';
import type { ChannelId, UserId } from '../ids.ts';
import type { HeadCache } from '../ports/head-cache.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import type { Platform } from '../ports/platform.ts';
import { acknowledge } from './acknowledging.ts';
import { createCursorCodec } from './cursor.ts';
import type { EventDraft, LogEvent } from './event.ts';
import { createFeeds } from './feeds.ts';
import { memberChangeOf } from './follow.ts';
import { createGroupCommit } from './group-commit.ts';
import { createHeadLook } from './head-look.ts';
import { channelTopic, positionsPlace } from './hint.ts';
import { createHubs } from './hubs.ts';
import { createMembershipCache } from './membership-cache.ts';
import type { StreamObserver } from './observer.ts';
import { createReaders } from './open-readers.ts';
import { createOutbox } from './outbox.ts';
import { createMarks, type PositionsMoved } from './positions/marks.ts';
import { allRules, type StreamRules } from './rules.ts';
import type { Stream } from './stream.ts';
import { takeSyncPoint } from './sync-point.ts';
import { createUpkeep } from './upkeep.ts';

export type StreamSettings = Pick<
  Platform,
  'log' | 'bus' | 'memberships' | 'positions' | 'contacts' | 'clock' | 'logger'
> & {
  /** Names the installation: cursors of another one are refused. */
  readonly installation: string;
  readonly rules?: StreamRules;
  readonly observer?: StreamObserver;
  /** Where others see how far this process has come, and it them; absent where it is the only one. */
  readonly heads?: HeadCache | undefined;
  /** Told of what people may have to be notified of, after it is durable: returns at once and never throws. */
  readonly told?: Told | undefined;
  /** Two processes that look at everything at the same moment help nobody: 0 to 1, by default at random. */
  readonly jitter?: () => number;
};

/** See `StreamSettings.told`. */
export type Told = {
  /** Somebody has sent or deleted a message. */
  onSaid(channelId: ChannelId, authorId: UserId): void;
  /** Somebody has read, or is in the channel no more. */
  onRead(channelId: ChannelId, userId: UserId): void;
};

/** Each so many events, whoever records the next one takes them into account for everybody's positions: so much is left to a query. */
const catchUpEvery = 64;

/** How long `close` waits for what is in flight: as long as its senders would. */
const closeMs = 5_000;

/** Opens the stream of one process. Reads the log's epoch first, so it rejects when the log cannot be reached. */
export async function openStream(settings: StreamSettings): Promise<Stream> {
  const { log, bus, memberships, positions, contacts, clock, logger, observer, heads, told } = settings;
  const { rules = allRules } = settings;
  const codec = createCursorCodec(settings.installation);
  const commit = createGroupCommit(log, clock, rules);
  const hubs = createHubs({ log, positions, bus, clock, codec, rules, observer });
  const feeds = createFeeds({ memberships, contacts, bus, heads, clock, rules });
  const cache = createMembershipCache(memberships, clock);
  const readers = createReaders({ hubs, feeds, memberships, contacts, log, codec, clock, rules, observer });
  const lookAtEpoch = async () => hubs.sawEpoch((await log.heads([])).epoch);
  await lookAtEpoch();

  /** The only place where a commit meets its announcement: a hint may never precede the fact. */
  async function append(channelId: ChannelId, drafts: readonly EventDraft[]) {
    const appended = await Promise.all(commit.append(channelId, drafts));
    const { epoch } = hubs;
    bus.publish(channelTopic(channelId), { epoch, events: appended.map(({ event }) => event) });
    heads?.note(channelTopic(channelId), { epoch, at: Math.max(...appended.map(({ event }) => event.seq)) });
    if (appended.some(({ event }) => event.seq % catchUpEvery === 0)) marks.catchUp(channelId);
    for (const { event } of appended) tell(event);
    return appended;
  }

  /** What is said, and what is not to be seen any more, by somebody or by all. */
  function tell(event: LogEvent): void {
    const { channelId, kind, authorId } = event;
    if (kind === 'message.sent' || kind === 'message.deleted') told?.onSaid(channelId, authorId);
    if (kind === 'member.removed') told?.onRead(channelId, memberChangeOf({ event }).userId);
  }

  const announce = (moved: readonly FeedMoved[]) => feeds.announce(hubs.epoch, moved);
  const announcePositions = ({ channelId, moved, ...written }: PositionsMoved) => {
    const { epoch } = hubs;
    bus.publish(channelTopic(channelId), { epoch, positions: written });
    heads?.note(positionsPlace(channelId), { epoch, at: written.version });
    announce(moved);
  };
  const marks = createMarks({ log, positions, clock, logger, announce: announcePositions });
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
    look: heads && lookAt(heads),
    tick: readers.tick,
  });

  function lookAt(cache: HeadCache): () => Promise<void> {
    const looks = [
      createHeadLook(cache, { known: hubs.known, check: (ids) => hubs.check('cache', ids) }),
      createHeadLook(cache, feeds),
    ];
    return async () => void (await Promise.all(looks.map((look) => look())));
  }

  async function settleMembership(channelId: ChannelId, version: number): Promise<void> {
    try {
      await outbox.work(channelId, version);
      marks.catchUp(channelId); // who came or went: a query then finds it in the summary
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
    async mark(channelId, userId, mark) {
      await marks.mark(channelId, userId, mark);
      if (mark.read !== undefined) told?.onRead(channelId, userId);
    },
    acknowledge: (userId, claim) => acknowledge({ memberships, log, codec }, userId, claim),
    sharePositions: (userId, isShared) =>
      share({ positions, clock, announcePositions, announce }, userId, isShared),
    announceFeed: (moved) => announce([moved]),
    ...{ forgetRights: cache.forget, membershipOf: cache.get },
    ...{ follow: readers.follow, followMessages: readers.followMessages, changes: readers.changes },
    syncPoint: (userId) => takeSyncPoint({ memberships, log, codec }, userId),
    ...{ memberships, positions, history: log, catchUp: marks.catchUp },
    async close() {
      readers.endAll();
      let isIdle = false;
      const idle = commit.whenIdle().then(() => {
        isIdle = true;
      });
      const isClosed = await within(
        closeMs,
        Promise.all([idle, marks.close(), upkeep.close(), hubs.close(), feeds.close()]),
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

type Sharing = Pick<StreamSettings, 'positions' | 'clock'> & {
  readonly announcePositions: (moved: PositionsMoved) => void;
  readonly announce: (moved: readonly FeedMoved[]) => void;
};

/** See `Stream.sharePositions`. */
async function share(
  { positions, clock, announcePositions, announce }: Sharing,
  userId: UserId,
  isShared: boolean,
): Promise<boolean> {
  const now = clock.now();
  const shared = await positions.share(userId, isShared, now);
  if (shared === undefined) return false;
  for (const { channelId, version, memberId } of shared.channels)
    announcePositions({ channelId, version, at: now, memberIds: [memberId], moved: [] });
  announce([shared.moved]);
  return true;
}
