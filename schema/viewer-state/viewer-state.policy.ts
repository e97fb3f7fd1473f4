import type { OwnState } from '../ports/memberships.ts';
import { type InvalidInput, invalidInput } from '../verdict.ts';

/** What is wrong with the end of a muting; undefined when it can be used. `now` in milliseconds since 1970. */
export const checkUntil = (until: Date | null | undefined, now: number): InvalidInput | undefined =>
  until && until.getTime() <= now
    ? invalidInput('MALFORMED', 'until', 'That time has passed: give a later one, or none to mute for good.')
    : undefined;

/** A muting with an end is over when that has come: nobody writes that down, it is so from then on. */
export const stateAt = (own: OwnState, now: number): OwnState =>
  own.isMuted && (own.mutedUntil === null || own.mutedUntil > now)
    ? own
    : { ...own, isMuted: false, mutedUntil: null };
