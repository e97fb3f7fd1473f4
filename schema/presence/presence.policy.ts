import type { BusPayload } from '../ports/bus.ts';
import type { Claim } from '../ports/leases.ts';

/** How somebody is there. */
export type PresenceState = 'ONLINE' | 'IDLE' | 'OFFLINE';

/** What a device claims while it is connected. */
export const activityOf = (isIdle: boolean): BusPayload => ({ isIdle });
/** A claim of another release that says something else is of somebody who is there. */
export const isIdleIn = ({ value }: Pick<Claim, 'value'>): boolean =>
  typeof value === 'object' && value !== null && 'isIdle' in value && value.isIdle === true;

/** All devices of a person together: who is active on one of them is online, whatever the others do. */
export function stateOf(claims: readonly Pick<Claim, 'value'>[]): PresenceState {
  if (claims.length === 0) return 'OFFLINE';
  return claims.every(isIdleIn) ? 'IDLE' : 'ONLINE';
}
