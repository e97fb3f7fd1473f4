import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Membership, Memberships } from '../ports/memberships.ts';
import type { CursorCodec, Place } from './cursor.ts';
import type { Delivery, ResetReason } from './delivery.ts';
import { type Follow, isRemovalOf, nextOf } from './follow.ts';
import type { Hub } from './hub.ts';
import type { Hubs } from './hubs.ts';
import { joinedSeqOf } from './intervals.ts';
import type { StreamRules } from './rules.ts';

/** More missed events than this in one channel: reading its newest page again is cheaper than replaying. */
export const maxReplay = 1_000;
/** Beyond every head: who resumes from it gets a reset. */
export const unknownPlace = Number.MAX_SAFE_INTEGER;

export type ReaderDeps = {
  readonly hubs: Hubs;
  readonly memberships: Memberships;
  readonly codec: CursorCodec;
  readonly clock: Clock;
  readonly rules: StreamRules;
};

/** Where to start in a channel: at a place of a cursor, at the joining, or now. */
export type StartAt = Place | 'joining' | 'now';

/** One viewer's places in the logs of their channels. */
export interface Follows {
  /** Follows a channel of which `membership` is present and settled. */
  start(membership: Membership, at: StartAt): Promise<void>;
  get(channelId: ChannelId): Follow | undefined;
  /** The next event of any channel, in turn; undefined when there is none now. */
  next(): Promise<Delivery | undefined>;
  /** The seq of the viewer's own removal that was sent last in this channel. */
  endedAt(channelId: ChannelId): Seq | undefined;
  drop(channelId: ChannelId): void;
  places(): Iterable<readonly [ChannelId, Seq]>;
  close(): void;
}

type Callbacks = {
  readonly onNews: () => void;
  /** Says that the viewer is no member of this channel any more. */
  readonly goneOf: (channelId: ChannelId) => Delivery;
};

export function createFollows(deps: ReaderDeps, userId: UserId, { onNews, goneOf }: Callbacks): Follows {
  const { hubs, memberships, codec, clock, rules } = deps;
  const follows = new Map<ChannelId, Follow>();
  /** Channels that may have something, the one that waited longest first. */
  const ready = new Set<ChannelId>();
  const ended = new Map<ChannelId, Seq>();
  const toLookAt = new Set<ChannelId>();
  const listenersOf = new Map<ChannelId, () => void>();

  function drop(channelId: ChannelId): void {
    const follow = follows.get(channelId);
    if (follow === undefined) return;
    letGo(follow);
    follows.delete(channelId);
    ready.delete(channelId);
    listenersOf.delete(channelId);
  }

  function letGo(follow: Follow): void {
    const listener = listenersOf.get(follow.channelId);
    if (listener !== undefined) follow.hub.listeners.delete(listener);
    follow.release();
  }

  async function attach(channelId: ChannelId): Promise<Pick<Follow, 'hub' | 'release'>> {
    const attached = await hubs.attach(channelId);
    const listener =
      listenersOf.get(channelId) ??
      (() => {
        ready.add(channelId);
        onNews();
      });
    listenersOf.set(channelId, listener);
    attached.hub.listeners.add(listener);
    return attached;
  }

  function resetFor(hub: Hub, place: Place, missed: number): ResetReason | undefined {
    if (place.epoch !== hub.epoch || place.at > hub.pos) return 'LOG_RESTORED';
    return missed > maxReplay ? 'TOO_FAR_BEHIND' : undefined;
  }

  async function start(membership: Membership, at: StartAt): Promise<void> {
    const { channelId, intervals } = membership;
    const joinedSeq = joinedSeqOf(membership);
    if (joinedSeq === undefined || follows.has(channelId)) return;
    const { hub, release } = await attach(channelId);
    const place = placeFrom(at, hub, joinedSeq);
    // This process may be behind: only the log itself can say that a place is beyond its head.
    if (place.epoch === hub.epoch && place.at > hub.pos) await hubs.refresh(hub);
    const firstVisible =
      intervals.find(({ leftSeq }) => leftSeq === null || leftSeq > place.at)?.joinedSeq ?? joinedSeq;
    const reset = resetFor(hub, place, hub.pos - Math.max(place.at, firstVisible - 1));
    follows.set(channelId, {
      channelId,
      hub,
      release,
      pos: place.at,
      intervals,
      isLeaving: false,
      reset,
      page: [],
      used: 0,
    });
    ready.add(channelId);
  }

  /** The hub was thrown away: the log went back, or is another one. */
  async function attachAgain(follow: Follow): Promise<void> {
    letGo(follow);
    Object.assign(follow, await attach(follow.channelId), { reset: 'LOG_RESTORED', page: [], used: 0 });
  }

  function sendReset(follow: Follow, reason: ResetReason): Delivery {
    const { channelId, hub } = follow;
    if (follow.isLeaving) {
      drop(channelId);
      return goneOf(channelId);
    }
    Object.assign(follow, { reset: undefined, pos: hub.pos, page: [], used: 0 });
    return {
      type: 'sync.reset',
      channelId,
      reason,
      eventId: `${hub.epoch}.${channelId}.reset.${hub.pos}`,
      cursor: codec.channel(hub.epoch, channelId, hub.pos),
      at: clock.now(),
    };
  }

  /** Removed and added back while this reader lagged: without this look the rejoined channel would stay silent. */
  async function lookAgain(): Promise<void> {
    const channelIds = [...toLookAt];
    const found = await memberships.of(userId, channelIds);
    for (const channelId of channelIds) toLookAt.delete(channelId);
    for (const membership of found) {
      const joinedSeq = joinedSeqOf(membership);
      if (joinedSeq !== undefined && joinedSeq > (ended.get(membership.channelId) ?? 0))
        await start(membership, 'joining');
    }
  }

  function end(follow: Follow): void {
    ended.set(follow.channelId, follow.pos);
    drop(follow.channelId);
    if (rules.looksAgain) toLookAt.add(follow.channelId);
  }

  async function nextIn(follow: Follow): Promise<Delivery | undefined> {
    if (follow.hub.isGone) await attachAgain(follow);
    if (follow.reset !== undefined) return sendReset(follow, follow.reset);
    const delivery = await nextOf(follow);
    if (delivery !== undefined && rules.endsAtRemoval && isRemovalOf(userId, delivery)) end(follow);
    return delivery;
  }

  function failed(channelId: ChannelId, failure: unknown): never {
    ready.add(channelId);
    throw failure;
  }

  return {
    start,
    get: (channelId) => follows.get(channelId),
    async next() {
      if (toLookAt.size > 0) await lookAgain();
      for (const channelId of ready) {
        const follow = follows.get(channelId);
        // Taken out first: news that arrives while this waits puts it back.
        ready.delete(channelId);
        const delivery = follow && (await nextIn(follow).catch((failure) => failed(channelId, failure)));
        if (delivery === undefined) continue;
        if (follows.has(channelId)) ready.add(channelId);
        return delivery;
      }
      return undefined;
    },
    endedAt: (channelId) => ended.get(channelId),
    drop,
    *places() {
      for (const { channelId, hub, pos, reset } of follows.values()) {
        const sent = reset === 'LOG_RESTORED' ? unknownPlace : pos;
        yield [channelId, rules.namesWhatWasSent ? sent : hub.pos] as const;
      }
    },
    close() {
      for (const channelId of [...follows.keys()]) drop(channelId);
    },
  };
}

function placeFrom(at: StartAt, hub: Hub, joinedSeq: Seq): Place {
  if (at === 'now') return { epoch: hub.epoch, at: Math.max(hub.pos, joinedSeq - 1) };
  if (at === 'joining') return { epoch: hub.epoch, at: joinedSeq - 1 };
  return at;
}
