import type { Channel } from './logs.ts';
import { nextVisible, type Stay, stayAt } from './stays.ts';

/** How far a device is in a channel, in one subscription. */
export type Place = {
  /** The newest event that it was told of, or said that it holds; undefined while that is not known. */
  at: number | undefined;
  /** What was passed over, and may still come, too late. */
  readonly gaps: { from: number; to: number }[];
};

export type Told = {
  readonly seq: number;
  readonly stays: readonly Stay[];
  readonly channel: Channel | undefined;
  /** The device began in this channel at this line, without a place that is known: whatever was asked for later has to come. */
  readonly since: number;
};
/** What is wrong with this event coming now. */
export type Wrong = { readonly row: 'duplicated' | 'continuity'; readonly what: string };

/** Takes an event that the device may see. */
export function advance(place: Place, told: Told): Wrong | undefined {
  const { seq } = told;
  const { at, gaps } = place;
  if (at === undefined) {
    place.at = seq;
    return beginAt(told);
  }
  if (seq <= at) return comeLate(place, seq);
  const expected = expectedAfter(told, at);
  place.at = seq;
  if (expected === undefined || seq === expected) return undefined;
  gaps.push({ from: expected, to: seq - 1 });
  return { row: 'continuity', what: `${seq} came behind ${at}, where ${expected} is next` };
}

/** Who was removed and added back while they lagged may be brought to their new joining at once; else the next visible event is next. */
function expectedAfter({ seq, stays }: Told, at: number): number | undefined {
  const stay = stayAt(stays, seq);
  const before = stayAt(stays, at);
  if (stay !== undefined && stay !== before && stay.joined === seq) return seq;
  return nextVisible(stays, at);
}

function comeLate(place: Place, seq: number): Wrong {
  const gap = place.gaps.find(({ from, to }) => from <= seq && seq <= to);
  if (gap === undefined) return { row: 'duplicated', what: `${seq} came again, behind ${place.at}` };
  if (gap.to > seq) place.gaps.push({ from: seq + 1, to: gap.to });
  gap.to = seq - 1;
  return { row: 'continuity', what: `${seq} came only behind ${place.at}` };
}

/** Its cursor is older than its subscription, and so older than everything that was asked for later; a joining comes first of all. */
function beginAt({ seq, stays, channel, since }: Told): Wrong | undefined {
  const joined = stayAt(stays, seq)?.joined ?? seq;
  if (!channel?.when.wasLater(joined, seq, since)) return undefined;
  return {
    row: 'continuity',
    what: `${seq} came first, though something before it is newer than the subscription`,
  };
}
