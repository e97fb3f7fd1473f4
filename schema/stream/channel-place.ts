import type { Seq } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import type { Place } from './cursor.ts';
import type { ResetReason } from './delivery.ts';
import type { Follow } from './follow.ts';
import type { Hub } from './hub.ts';
import { countVisible, skipInvisible } from './intervals.ts';

/** More missed events than this in one channel: reading its newest page again is cheaper than replaying. */
export const maxReplay = 1_000;
/** Beyond every head: who resumes from it gets a reset. */
export const unknownPlace = Number.MAX_SAFE_INTEGER;

/** A place in both feeds of a channel: its log and its positions. */
export type ChannelPlace = { readonly log: Place; readonly positions: Place };
/**
 * Where to start in a channel: at a place of a cursor, at the joining, or now. A joining begins with all positions: who has read the
 * channel before this reader comes to it, by a query that was later than its cursor, would miss those that moved in between.
 */
export type StartAt = ChannelPlace | 'joining' | 'now';

/** The ends of both feeds. */
export const newestOf = (hub: Hub) => ({ log: hub.pos, positions: hub.positions.version });

/** The place that this means, for who sees the log from `joinedSeq` on. */
export function placeFrom(at: StartAt, hub: Hub, joinedSeq: Seq): ChannelPlace {
  if (typeof at === 'object') return at;
  const { epoch, pos, positions } = hub;
  const [from, moved] = at === 'now' ? [Math.max(pos, joinedSeq - 1), positions.version] : [joinedSeq - 1, 0];
  return { log: { epoch, at: from }, positions: { epoch, at: moved } };
}

/** Beyond what this process knows of. */
export const isBeyond = ({ log, positions }: ChannelPlace, hub: Hub): boolean =>
  log.at > hub.pos || positions.at > hub.positions.version;

/** Follows a channel from a place, or from a reset where it cannot be continued from there. */
export function followFrom(
  place: ChannelPlace,
  membership: Membership,
  attached: Pick<Follow, 'hub' | 'release'>,
): Follow {
  const { channelId, intervals, memberId } = membership;
  const pos = skipInvisible(intervals, place.log.at);
  const missed = countVisible(intervals, pos, attached.hub.pos);
  const reset = resetFor(attached.hub, place, missed);
  // Field by field: an object that another was spread into has a shape of its own, which is larger than it is.
  return {
    channelId,
    hub: attached.hub,
    release: attached.release,
    pos,
    positionsAt: place.positions.at,
    memberId,
    intervals,
    isLeaving: false,
    reset,
    page: undefined,
  };
}

function resetFor(hub: Hub, place: ChannelPlace, missed: number): ResetReason | undefined {
  const isOther = place.log.epoch !== hub.epoch || place.positions.epoch !== hub.epoch;
  if (isOther || isBeyond(place, hub)) return 'LOG_RESTORED';
  return missed > maxReplay ? 'TOO_FAR_BEHIND' : undefined;
}
