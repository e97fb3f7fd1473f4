import type { ChannelId, UserId } from '../ids.ts';
import type { BusPayload } from '../ports/bus.ts';
import type { LogEvent } from './event.ts';

export const channelTopic = (channelId: ChannelId) => `channel:${channelId}`;
export const userTopic = (userId: UserId) => `user:${userId}`;

/** "The log of this channel has these events now": a hint, the log is the truth. */
export type ChannelHint = { readonly epoch: number; readonly events: readonly LogEvent[] };
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

export function parseFeedHint(payload: BusPayload): FeedHint | undefined {
  if (!isObject(payload) || typeof payload.epoch !== 'number' || typeof payload.version !== 'number')
    return undefined;
  return { epoch: payload.epoch, version: payload.version };
}
