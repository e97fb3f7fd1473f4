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
import type { HubListener } from './hub.ts';
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

/**
 * One viewer's places in the logs of their channels. What can be done with them are the functions below and not closures over them:
 * readers wait by the thousand, and a dozen closures each would be most of what they hold.
 */
export type Follows = {
  readonly deps: ReaderDeps;
  readonly userId: UserId;
  /** Says that the viewer is no member of this channel any more. */
  readonly goneOf: (channelId: ChannelId) => Delivery;
  /** What all followed channels tell their news. */
  readonly onNews: HubListener;
  readonly all: Map<ChannelId, Follow>;
  /** Channels that may have something, the one that waited longest first. */
  readonly ready: Set<ChannelId>;
  /** The viewer's own removals that were sent, the last one of each channel. */
  endings: readonly Ending[];
  /** The channel of which a page from the log is at hand. */
  paged: ChannelId | undefined;
  isClosed: boolean;
};

/** `isToLookAt`: whether the viewer was added back meanwhile is still to be found out. */
type Ending = { readonly channelId: ChannelId; readonly seq: Seq; readonly isToLookAt: boolean };

type Callbacks = Pick<Follows, 'goneOf'> & { readonly onNews: () => void };

export function createFollows(deps: ReaderDeps, userId: UserId, { onNews, goneOf }: Callbacks): Follows {
  const ready = new Set<ChannelId>();
  return {
    deps,
    userId,
    goneOf,
    onNews(channelId) {
      ready.add(channelId);
      onNews();
    },
    all: new Map(),
    ready,
    endings: [],
    paged: undefined,
    isClosed: false,
  };
}

/** Follows a channel of which `membership` is present and settled, unless it does already. When it rejects, try again. */
export async function startFollow(follows: Follows, membership: Membership, at: StartAt): Promise<void> {
  const { channelId } = membership;
  const joinedSeq = joinedSeqOf(membership);
  if (joinedSeq === undefined || follows.all.has(channelId)) return;
  const attached = await attach(follows, channelId);
  try {
    const place = placeFrom(at, attached.hub, joinedSeq);
    // This process may be behind: only the store itself can say that a place is beyond it.
    if (isBeyond(place, attached.hub)) await follows.deps.hubs.refresh(attached.hub);
    if (follows.isClosed) return detach(follows, attached);
    follows.all.set(channelId, followFrom(place, membership, attached));
    follows.ready.add(channelId);
  } catch (failure) {
    detach(follows, attached);
    throw failure;
  }
}

export function dropFollow(follows: Follows, channelId: ChannelId): void {
  const follow = follows.all.get(channelId);
  if (follow !== undefined) detach(follows, follow);
  follows.all.delete(channelId);
  follows.ready.delete(channelId);
}

/** The log was restored: nothing that was sent needs to be true. */
export function resetFollows({ all, ready }: Follows): void {
  for (const follow of all.values()) {
    Object.assign(follow, { reset: 'LOG_RESTORED', page: undefined });
    ready.add(follow.channelId);
  }
}

/** What was sent, as a place for cursors. */
export function placeOf({ deps }: Follows, { hub, pos, positionsAt, reset }: Follow): ChannelPlace {
  const { epoch } = hub;
  const isLost = reset === 'LOG_RESTORED' || hub.isGone;
  const sent = deps.rules.namesWhatWasSent ? { log: pos, positions: positionsAt } : newestOf(hub);
  const at = isLost ? { log: unknownPlace, positions: unknownPlace } : sent;
  return { log: { epoch, at: at.log }, positions: { epoch, at: at.positions } };
}

export function closeFollows(follows: Follows): void {
  follows.isClosed = true;
  for (const channelId of [...follows.all.keys()]) dropFollow(follows, channelId);
}

/** The next event of any channel, in turn; undefined when there is none now. When it rejects, nothing was passed over. */
export async function nextOfFollows(follows: Follows): Promise<Delivery | undefined> {
  const { endings, paged, ready } = follows;
  if (endings.some(({ isToLookAt }) => isToLookAt)) await lookAgain(follows);
  // One page at most is kept: it is used up before another channel's turn.
  if (paged !== undefined) {
    const delivery = await nextOfReady(follows, paged);
    if (delivery !== undefined) return delivery;
  }
  for (const channelId of ready) {
    const delivery = await nextOfReady(follows, channelId);
    if (delivery !== undefined) return delivery;
  }
  return undefined;
}

type Attached = Pick<Follow, 'hub' | 'release'>;

async function attach({ deps, onNews }: Follows, channelId: ChannelId): Promise<Attached> {
  const attached = await deps.hubs.attach(channelId);
  attached.hub.listeners.add(onNews);
  return attached;
}

function detach({ onNews }: Follows, { hub, release }: Attached): void {
  hub.listeners.delete(onNews);
  release();
}

/** The hub was thrown away: the log went back, or is another one. */
async function attachAgain(follows: Follows, follow: Follow): Promise<void> {
  const attached = await attach(follows, follow.channelId);
  detach(follows, follow);
  Object.assign(follow, attached, { reset: 'LOG_RESTORED', page: undefined });
  if (follows.isClosed) detach(follows, follow);
}

/**
 * Goes on at the newest event. What is passed over may hold the viewer's own removal, which nobody would meet then; but
 * rows change before the log does, so rows that are read after the place was taken know about it.
 */
async function sendReset(follows: Follows, follow: Follow, reason: ResetReason): Promise<Delivery> {
  const { memberships, observer, codec, clock } = follows.deps;
  const { channelId, hub } = follow;
  const [at, positionsAt] = [hub.pos, hub.positions.version];
  const [membership] = await memberships.of(follows.userId, [channelId]);
  if (membership === undefined || joinedSeqOf(membership) === undefined) {
    dropFollow(follows, channelId);
    return follows.goneOf(channelId);
  }
  renewFollow(follow, membership);
  Object.assign(follow, { reset: undefined, pos: at, positionsAt, page: undefined });
  observer?.onReset(reason);
  // A new id each time: two resets to the same place are still two.
  const cursor = codec.channel(hub.epoch, channelId, at);
  return { type: 'sync.reset', channelId, reason, eventId: randomUUID(), cursor, at: clock.now() };
}

/** Removed and added back while this reader lagged: without this look the rejoined channel would stay silent. */
async function lookAgain(follows: Follows): Promise<void> {
  const { deps, userId } = follows;
  const toLookAt = follows.endings.filter(({ isToLookAt }) => isToLookAt);
  const ids = toLookAt.map(({ channelId }) => channelId);
  const found = await deps.memberships.of(userId, ids);
  for (const { channelId, seq } of toLookAt) {
    const membership = found.find((one) => one.channelId === channelId);
    if ((joinedSeqOf(membership) ?? 0) > seq && membership !== undefined)
      await startFollow(follows, membership, 'joining');
    keepEnding(follows, { channelId, seq, isToLookAt: false });
  }
}

function keepEnding(follows: Follows, ending: Ending): void {
  const others = follows.endings.filter(({ channelId }) => channelId !== ending.channelId);
  follows.endings = [...others, ending];
}

/** The seq of the viewer's own removal that was sent last in this channel. */
export const endedAt = ({ endings }: Follows, channelId: ChannelId): Seq | undefined =>
  endings.find((ending) => ending.channelId === channelId)?.seq;

/** The viewer's own removal is the last event of this channel, and not like that of the others: they still see the channel. */
function endFollow(follows: Follows, { channelId, pos }: Follow, removal: LogDelivery): Delivery {
  keepEnding(follows, { channelId, seq: pos, isToLookAt: follows.deps.rules.looksAgain });
  dropFollow(follows, channelId);
  return { ...removal, isShared: false };
}

async function nextIn(follows: Follows, follow: Follow): Promise<Delivery | undefined> {
  const { deps, userId } = follows;
  if (follow.reset === 'LOG_RESTORED') await deps.hubs.refresh(follow.hub); // which may not know of it yet
  if (follow.hub.isGone) await attachAgain(follows, follow);
  if (follow.reset !== undefined) return sendReset(follows, follow, follow.reset);
  const delivery = await nextOf(follow);
  if (delivery === undefined) return nextPositions(follow);
  return deps.rules.endsAtRemoval && isRemovalOf(userId, delivery)
    ? endFollow(follows, follow, delivery)
    : asSeenBy(userId, delivery);
}

async function nextOfReady(follows: Follows, channelId: ChannelId): Promise<Delivery | undefined> {
  const { all, ready } = follows;
  const follow = all.get(channelId);
  // Taken out first: news that arrives while this waits puts it back.
  ready.delete(channelId);
  if (follow === undefined) return undefined;
  try {
    const delivery = await nextIn(follows, follow);
    if (delivery !== undefined && all.has(channelId)) ready.add(channelId);
    follows.paged = hasPage(follow) ? channelId : undefined;
    return delivery;
  } catch (failure) {
    if (all.has(channelId)) ready.add(channelId);
    throw failure;
  }
}
