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
  type Look,
  type PresenceState,
  shownState,
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

const stateIn = batched<UserId, StateAt>(async ({ presence, clock }, ids) => {
  // Before the look: what comes out of it is at least as new.
  const now = clock.now();
  const states = await presence.statesOf(ids);
  return new Map([...states].map(([id, { state, at }]) => [id, { state, at: Math.max(now, at) }]));
});

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
  return whenThere(lookAt(scope, user), (look) => {
    if (!canSeePresence(look)) return null;
    return whenThere(stateIn(scope, user.id), (found) => {
      if (found === undefined) throw new Error('Somebody who was asked for is not in the answer.');
      return shown(user, look, found);
    });
  });
}

/** How the viewer stands to somebody they look at. Nothing is read where it would change nothing. */
function lookAt(scope: Scope, user: User): Soon<Look> {
  const { isSelf, state, isBlockedByViewer, blocksViewer } = relationTo(user);
  const known = { isSelf, isContact: state === 'CONTACT', isBlockedByViewer, blocksViewer };
  if (isSelf || known.isContact || isBlockedByViewer) return { ...known, isCoMember: false };
  return whenThere(isCoMember(scope, user.id), (isNear = false) => ({ ...known, isCoMember: isNear }));
}

/** What somebody who may look sees. */
export function shown(user: User, look: Look, { state, at }: StateAt): Presence {
  const asShown = shownState(state, user, look);
  const isTold = asShown !== 'ONLINE' && canSeeLastSeen(user, look);
  const lastSeenAt = isTold ? (user.lastSeenAt?.getTime() ?? null) : null;
  return { userId: user.id, state: asShown, lastSeenAt, at, validUntil: at + validMs };
}
