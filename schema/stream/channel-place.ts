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
/** Where to start in a channel: at a place of a cursor, at the joining, or now. Positions are state: a joining begins with those of now. */
export type StartAt = ChannelPlace | 'joining' | 'now';

/** The ends of both feeds. */
export const newestOf = (hub: Hub) => ({ log: hub.pos, positions: hub.positions.version });

/** The place that this means, for who sees the log from `joinedSeq` on. */
export function placeFrom(at: StartAt, hub: Hub, joinedSeq: Seq): ChannelPlace {
  if (typeof at === 'object') return at;
  const from = at === 'now' ? Math.max(hub.pos, joinedSeq - 1) : joinedSeq - 1;
  const { epoch } = hub;
  return { log: { epoch, at: from }, positions: { epoch, at: hub.positions.version } };
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
  const positionsAt = place.positions.at;
  const follow = { channelId, ...attached, pos, positionsAt, memberId, intervals };
  return { ...follow, isLeaving: false, reset, page: undefined };
}

function resetFor(hub: Hub, place: ChannelPlace, missed: number): ResetReason | undefined {
  const isOther = place.log.epoch !== hub.epoch || place.positions.epoch !== hub.epoch;
  if (isOther || isBeyond(place, hub)) return 'LOG_RESTORED';
  return missed > maxReplay ? 'TOO_FAR_BEHIND' : undefined;
}
