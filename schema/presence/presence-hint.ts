import type { DeviceId, UserId } from '../ids.ts';
import type { BusPayload } from '../ports/bus.ts';

/** Told to those who look at somebody. */
export const presenceTopic = (userId: UserId) => `presence:${userId}`;
/** Told to the processes where somebody is connected. */
export const activityTopic = (userId: UserId) => `activity:${userId}`;

/**
 * What of somebody is to be looked at again: whether they are there, or also what is written of them. `seenAt`: when they were
 * there, in milliseconds since 1970, so that those who look need not read it; null where that is nothing new.
 */
export type PresenceHint =
  | { readonly what: 'state'; readonly seenAt: number | null }
  | { readonly what: 'person' };

export function parsePresenceHint(payload: BusPayload): PresenceHint | undefined {
  if (typeof payload !== 'object' || payload === null || !('what' in payload)) return undefined;
  if (payload.what === 'person') return { what: 'person' };
  if (payload.what !== 'state') return undefined;
  return { what: 'state', seenAt: typeof payload.seenAt === 'number' ? payload.seenAt : null };
}

/** A device says, somewhere else than where it is connected, whether anybody looks at it. */
export type ActivityHint = { readonly deviceId: DeviceId; readonly isIdle: boolean };

export function parseActivityHint(payload: BusPayload): ActivityHint | undefined {
  if (typeof payload !== 'object' || payload === null || !('deviceId' in payload)) return undefined;
  // A parse edge: the envelope is checked, the rest was written by the same code.
  return typeof payload.isIdle === 'boolean' ? (payload as ActivityHint) : undefined;
}
