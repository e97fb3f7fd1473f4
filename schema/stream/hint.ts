import type { ChannelId, MemberId, UserId } from '../ids.ts';
import type { BusPayload } from '../ports/bus.ts';
import type { LogEvent } from './event.ts';

export const channelTopic = (channelId: ChannelId) => `channel:${channelId}`;
export const userTopic = (userId: UserId) => `user:${userId}`;
/** Where the cache of heads remembers the positions of a channel; logs and feeds are remembered under their topics. */
export const positionsPlace = (channelId: ChannelId) => `positions:${channelId}`;

/** "The log of this channel has these events now": a hint, the log is the truth. */
export type ChannelHint = { readonly epoch: number; readonly events: readonly LogEvent[] };
/** "Positions in this channel were written": on the same topic. */
export type PositionsHint = {
  readonly epoch: number;
  readonly positions: {
    readonly version: number;
    /** Milliseconds since 1970. */
    readonly at: number;
    /** Whose the others are to be told of. */
    readonly memberIds: readonly MemberId[];
  };
};
/** "This user's feed has moved to this version." */
export type FeedHint = { readonly epoch: number; readonly version: number };

const isObject = (payload: BusPayload): payload is { readonly [key: string]: BusPayload } =>
  typeof payload === 'object' && payload !== null && !Array.isArray(payload);

/** Undefined for what this release does not understand: then the next look at the log tells. */
export function parseChannelHint(payload: BusPayload): ChannelHint | undefined {
  if (!isObject(payload) || typeof payload.epoch !== 'number' || !Array.isArray(payload.events))
    return undefined;
  const isEvent = (event: BusPayload) =>
    isObject(event) && typeof event.seq === 'number' && typeof event.kind === 'string';
  // A parse edge: the envelope is checked, the rest was written by the same code.
  return payload.events.every(isEvent) ? (payload as ChannelHint) : undefined;
}

export function parsePositionsHint(payload: BusPayload): PositionsHint | undefined {
  if (!isObject(payload) || typeof payload.epoch !== 'number') return undefined;
  const { positions } = payload;
  if (positions === undefined || !isObject(positions) || typeof positions.version !== 'number')
    return undefined;
  // A parse edge: the envelope is checked, the rest was written by the same code.
  return Array.isArray(positions.memberIds) ? (payload as PositionsHint) : undefined;
}

export function parseFeedHint(payload: BusPayload): FeedHint | undefined {
  if (!isObject(payload) || typeof payload.epoch !== 'number' || typeof payload.version !== 'number')
    return undefined;
  return { epoch: payload.epoch, version: payload.version };
}
