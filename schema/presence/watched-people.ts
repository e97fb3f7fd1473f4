import { type User, usersOf } from '../account/users.ts';
import { isCoMember } from '../channel/co-members.ts';
import type { UserId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import { type Presence, presenceOf } from './presence.ts';
import type { PresenceHint } from './presence-hint.ts';

/** Somebody who is watched, as they are now. Null: the viewer may not see their presence any more. */
export type PresenceDelivery = {
  readonly type: 'presence';
  readonly user: User;
  readonly presence: Presence | null;
};

type Watched = {
  /** As read last; undefined for who does not exist. */
  user: User | undefined;
  isNear: boolean;
  /** When they were there last, as a hint said. */
  seenAt: number;
  /** What the viewer was told last. */
  told: PresenceDelivery | undefined;
};

/** Whom to look at: rows are read of `persons`, of the others only whether they are there. */
type Wanted = 'all' | { readonly persons: ReadonlySet<UserId>; readonly states: ReadonlySet<UserId> };

/** The people that one subscription watches, and what its viewer knows of them. */
export function createWatchedPeople(scope: ViewerScope, userIds: readonly UserId[]) {
  const watched = new Map<UserId, Watched>(
    userIds.map((id) => [id, { user: undefined, isNear: false, seenAt: 0, told: undefined }]),
  );
  /** Nothing that was read before counts. */
  const freshScope = (): ViewerScope => ({ ...scope });

  async function readRows(ids: readonly UserId[]): Promise<void> {
    if (ids.length === 0) return;
    const fresh = freshScope();
    const found = new Map((await usersOf(fresh, ids)).map((user) => [user.id, user]));
    await Promise.all(
      ids.map(async (id) => {
        const [one, user] = [watched.get(id), found.get(id)];
        if (!one) return;
        const isContact = user?.relation?.state === 'CONTACT';
        one.isNear = user !== undefined && !isContact && ((await isCoMember(fresh, id)) ?? false);
        one.user = user;
      }),
    );
  }

  async function lookAt(ids: readonly UserId[]): Promise<PresenceDelivery[]> {
    const fresh = freshScope();
    const looked = await Promise.all(
      ids.map(async (id) => {
        const one = watched.get(id);
        if (!one?.user) return [];
        isCoMember.prime(fresh, id, one.isNear);
        const user = withSeen(one.user, one.seenAt);
        return [{ type: 'presence' as const, user, presence: await presenceOf(fresh, user) }];
      }),
    );
    return looked.flat();
  }

  return {
    onHint(userId: UserId, hint: PresenceHint): void {
      const one = watched.get(userId);
      if (one && hint.what === 'state') one.seenAt = Math.max(one.seenAt, hint.seenAt ?? 0);
    },
    /** What the viewer is to be told, of these people: what is new, or everything of everybody. */
    async look(wanted: Wanted): Promise<PresenceDelivery[]> {
      await readRows(wanted === 'all' ? userIds : [...wanted.persons]);
      const ids = wanted === 'all' ? userIds : new Set([...wanted.persons, ...wanted.states]);
      const looked = await lookAt([...ids]);
      const news = looked.filter((delivery) => {
        const told = watched.get(delivery.user.id)?.told;
        const isSilent = delivery.presence === null && (told?.presence ?? null) === null;
        return !isSilent && (wanted === 'all' || isOther(told, delivery));
      });
      for (const delivery of looked) {
        const one = watched.get(delivery.user.id);
        if (one) one.told = delivery;
      }
      return news;
    },
  };
}

/** Who is invisible is not seen any more. */
const withSeen = (user: User, seenAt: number): User =>
  user.isInvisible || seenAt <= (user.lastSeenAt?.getTime() ?? 0)
    ? user
    : { ...user, lastSeenAt: new Date(seenAt) };

const isOther = (told: PresenceDelivery | undefined, now: PresenceDelivery): boolean =>
  told === undefined || words(told) !== words(now);

/** All that somebody who looks sees, but for the time. */
const words = ({ user, presence }: PresenceDelivery): string =>
  JSON.stringify([user.handle, user.displayName, user.colour, presence?.state, presence?.lastSeenAt]);
