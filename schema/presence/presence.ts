import { relationTo, type User } from '../account/users.ts';
import { batched } from '../batched.ts';
import { isCoMember } from '../channel/co-members.ts';
import type { UserId } from '../ids.ts';
import type { Scope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import type { StateAt } from './open-presence.ts';
import {
  canSeeLastSeen,
  canSeePresence,
  dependsOnChannels,
  isHidden,
  type Look,
  type PresenceState,
} from './presence.policy.ts';

/** Whether somebody is there, as the viewer may know it. Times are in milliseconds since 1970. */
export type Presence = {
  readonly userId: UserId;
  readonly state: PresenceState;
  /** Null when it is not shared, and while they are there. */
  readonly lastSeenAt: number | null;
  /** Of two, the later is newer. */
  readonly at: number;
  readonly validUntil: number;
};

/** What is said holds for so long without being said again, in milliseconds; to those who watch it is said again by then. */
export const validMs = 90_000;

const stateIn = batched<UserId, StateAt>(({ presence }, ids) => presence.statesOf(ids));

/** What was read along with a person. */
const readAlong = new WeakMap<User, Presence | null>();

/** This person comes with what is to be shown of their presence. */
export function withPresence(user: User, presence: Presence | null): User {
  readAlong.set(user, presence);
  return user;
}

/** Whether this person is there; null for who may not know. */
export function presenceOf(scope: Scope, user: User): Soon<Presence | null> {
  const known = readAlong.get(user);
  if (known !== undefined) return known;
  return whenThere(isNear(scope, user), (near) => {
    const look = lookAt(user, near);
    if (!canSeePresence(look)) return null;
    return whenThere(stateIn(scope, user.id), (found) => {
      if (found === undefined) throw new Error('Somebody who was asked for is not in the answer.');
      return shown(user, look, found);
    });
  });
}

/** Whether the viewer and somebody they look at are in a channel together. Nothing is read where nothing depends on it. */
export const isNear = (scope: Scope, user: User): Soon<boolean> =>
  dependsOnChannels(lookAt(user, false))
    ? whenThere(isCoMember(scope, user.id), (found = false) => found)
    : false;

/** How the viewer stands to somebody they look at. */
export function lookAt(user: User, isCoMember: boolean): Look {
  const { isSelf, state, isBlockedByViewer, blocksViewer } = relationTo(user);
  return { isSelf, isContact: state === 'CONTACT', isCoMember, isBlockedByViewer, blocksViewer };
}

/** What somebody who may look sees. */
export function shown(user: User, look: Look, { state, changedAt, lookedAt }: StateAt): Presence {
  const isKept = isHidden(user, look);
  const asShown = isKept ? 'OFFLINE' : state;
  const isTold = asShown !== 'ONLINE' && canSeeLastSeen(user, look);
  const lastSeenAt = isTold ? (user.lastSeenAt?.getTime() ?? null) : null;
  // What changes in this very millisecond is newer than a look in it. What is kept from somebody has no times of its own.
  const at = isKept ? lookedAt - 1 : Math.max(lookedAt - 1, changedAt);
  return { userId: user.id, state: asShown, lastSeenAt, at, validUntil: at + validMs };
}
