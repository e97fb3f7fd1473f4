import { randomUUID } from 'node:crypto';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Contacts } from '../ports/contacts.ts';
import type { Membership, Memberships } from '../ports/memberships.ts';
import {
  type ChannelPlace,
  followFrom,
  isBeyond,
  newestOf,
  placeFrom,
  type StartAt,
  unknownPlace,
} from './channel-place.ts';
import type { CursorCodec } from './cursor.ts';
import type { Delivery, LogDelivery, ResetReason } from './delivery.ts';
import { asSeenBy, type Follow, hasPage, isRemovalOf, nextOf, nextPositions, renewFollow } from './follow.ts';
import type { Hubs } from './hubs.ts';
import { joinedSeqOf } from './intervals.ts';
import type { StreamObserver } from './observer.ts';
import type { StreamRules } from './rules.ts';

export type ReaderDeps = {
  readonly hubs: Hubs;
  readonly memberships: Pick<Memberships, 'of' | 'feedOf'>;
  readonly contacts: Contacts;
  readonly codec: CursorCodec;
  readonly clock: Clock;
  readonly rules: StreamRules;
  readonly observer?: StreamObserver;
};

/** One viewer's places in the logs of their channels. */
export interface Follows {
  /** Follows a channel of which `membership` is present and settled, unless it does already. When it rejects, try again. */
  start(membership: Membership, at: StartAt): Promise<void>;
  get(channelId: ChannelId): Follow | undefined;
  /** The next event of any channel, in turn; undefined when there is none now. When it rejects, nothing was passed over. */
  next(): Promise<Delivery | undefined>;
  /** The seq of the viewer's own removal that was sent last in this channel. */
  endedAt(channelId: ChannelId): Seq | undefined;
  drop(channelId: ChannelId): void;
  /** The log was restored: nothing that was sent needs to be true. */
  resetAll(): void;
  all(): Iterable<Follow>;
  size(): number;
  /** What was sent, as a place for cursors. */
  placeOf(follow: Follow): ChannelPlace;
  close(): void;
}

type Callbacks = {
  readonly onNews: () => void;
  /** Says that the viewer is no member of this channel any more. */
  readonly goneOf: (channelId: ChannelId) => Delivery;
};

export function createFollows(deps: ReaderDeps, userId: UserId, { onNews, goneOf }: Callbacks): Follows {
  const { hubs, memberships, codec, clock, rules, observer } = deps;
  const follows = new Map<ChannelId, Follow>();
  /** Channels that may have something, the one that waited longest first. */
  const ready = new Set<ChannelId>();
  const ended = new Map<ChannelId, Seq>();
  const toLookAt = new Set<ChannelId>();
  /** The channel of which a page from the log is at hand. */
  let paged: ChannelId | undefined;
  let isClosed = false;

  function drop(channelId: ChannelId): void {
    follows.get(channelId)?.release();
    follows.delete(channelId);
    ready.delete(channelId);
  }

  async function attach(channelId: ChannelId): Promise<Pick<Follow, 'hub' | 'release'>> {
    const { hub, release } = await hubs.attach(channelId);
    const listener = () => {
      ready.add(channelId);
      onNews();
    };
    hub.listeners.add(listener);
    return {
      hub,
      release() {
        hub.listeners.delete(listener);
        release();
      },
    };
  }

  async function start(membership: Membership, at: StartAt): Promise<void> {
    const { channelId } = membership;
    const joinedSeq = joinedSeqOf(membership);
    if (joinedSeq === undefined || follows.has(channelId)) return;
    const attached = await attach(channelId);
    try {
      const place = placeFrom(at, attached.hub, joinedSeq);
      // This process may be behind: only the store itself can say that a place is beyond it.
      if (isBeyond(place, attached.hub)) await hubs.refresh(attached.hub);
      if (isClosed) return attached.release();
      follows.set(channelId, followFrom(place, membership, attached));
      ready.add(channelId);
    } catch (failure) {
      attached.release();
      throw failure;
    }
  }

  /** The hub was thrown away: the log went back, or is another one. */
  async function attachAgain(follow: Follow): Promise<void> {
    const attached = await attach(follow.channelId);
    follow.release();
    Object.assign(follow, attached, { reset: 'LOG_RESTORED', page: undefined });
    if (isClosed) follow.release();
  }

  /**
   * Goes on at the newest event. What is passed over may hold the viewer's own removal, which nobody would meet then; but
   * rows change before the log does, so rows that are read after the place was taken know about it.
   */
  async function sendReset(follow: Follow, reason: ResetReason): Promise<Delivery> {
    const { channelId, hub } = follow;
    const [at, positionsAt] = [hub.pos, hub.positions.version];
    const [membership] = await memberships.of(userId, [channelId]);
    if (membership === undefined || joinedSeqOf(membership) === undefined) {
      drop(channelId);
      return goneOf(channelId);
    }
    renewFollow(follow, membership);
    Object.assign(follow, { reset: undefined, pos: at, positionsAt, page: undefined });
    observer?.onReset(reason);
    // A new id each time: two resets to the same place are still two.
    const cursor = codec.channel(hub.epoch, channelId, at);
    return { type: 'sync.reset', channelId, reason, eventId: randomUUID(), cursor, at: clock.now() };
  }

  /** Removed and added back while this reader lagged: without this look the rejoined channel would stay silent. */
  async function lookAgain(): Promise<void> {
    const found = await memberships.of(userId, [...toLookAt]);
    for (const channelId of toLookAt) {
      const membership = found.find((one) => one.channelId === channelId);
      if ((joinedSeqOf(membership) ?? 0) > (ended.get(channelId) ?? 0) && membership !== undefined)
        await start(membership, 'joining');
      toLookAt.delete(channelId);
    }
  }

  /** The viewer's own removal is the last event of this channel, and not like that of the others: they still see the channel. */
  function end(follow: Follow, removal: LogDelivery): Delivery {
    ended.set(follow.channelId, follow.pos);
    drop(follow.channelId);
    if (rules.looksAgain) toLookAt.add(follow.channelId);
    return { ...removal, isShared: false };
  }

  async function nextIn(follow: Follow): Promise<Delivery | undefined> {
    if (follow.reset === 'LOG_RESTORED') await hubs.refresh(follow.hub); // which may not know of it yet
    if (follow.hub.isGone) await attachAgain(follow);
    if (follow.reset !== undefined) return sendReset(follow, follow.reset);
    const delivery = await nextOf(follow);
    if (delivery === undefined) return nextPositions(follow);
    return rules.endsAtRemoval && isRemovalOf(userId, delivery)
      ? end(follow, delivery)
      : asSeenBy(userId, delivery);
  }

  async function nextOfReady(channelId: ChannelId): Promise<Delivery | undefined> {
    const follow = follows.get(channelId);
    // Taken out first: news that arrives while this waits puts it back.
    ready.delete(channelId);
    if (follow === undefined) return undefined;
    try {
      const delivery = await nextIn(follow);
      if (delivery !== undefined && follows.has(channelId)) ready.add(channelId);
      paged = hasPage(follow) ? channelId : undefined;
      return delivery;
    } catch (failure) {
      if (follows.has(channelId)) ready.add(channelId);
      throw failure;
    }
  }

  return {
    start,
    get: (channelId) => follows.get(channelId),
    async next() {
      if (toLookAt.size > 0) await lookAgain();
      // One page at most is kept: it is used up before another channel's turn.
      if (paged !== undefined) {
        const delivery = await nextOfReady(paged);
        if (delivery !== undefined) return delivery;
      }
      for (const channelId of ready) {
        const delivery = await nextOfReady(channelId);
        if (delivery !== undefined) return delivery;
      }
      return undefined;
    },
    endedAt: (channelId) => ended.get(channelId),
    drop,
    resetAll() {
      for (const follow of follows.values()) {
        Object.assign(follow, { reset: 'LOG_RESTORED', page: undefined });
        ready.add(follow.channelId);
      }
    },
    all: () => follows.values(),
    size: () => follows.size,
    placeOf({ hub, pos, positionsAt, reset }) {
      const { epoch } = hub;
      const isLost = reset === 'LOG_RESTORED' || hub.isGone;
      const sent = rules.namesWhatWasSent ? { log: pos, positions: positionsAt } : newestOf(hub);
      const at = isLost ? { log: unknownPlace, positions: unknownPlace } : sent;
      return { log: { epoch, at: at.log }, positions: { epoch, at: at.positions } };
    },
    close() {
      isClosed = true;
      for (const channelId of [...follows.keys()]) drop(channelId);
    },
  };
}
