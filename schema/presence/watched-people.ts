import { type User, usersOf } from '../account/users.ts';
import type { UserId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Presence as Connected } from './open-presence.ts';
import { canSeePresence } from './presence.policy.ts';
import { isNear, lookAt, type Presence, shown, validMs } from './presence.ts';
import type { PresenceHint } from './presence-topics.ts';

/** Somebody who is watched, as they are now. Null: the viewer may not see their presence any more. */
export type PresenceDelivery = {
  readonly type: 'presence';
  readonly user: User;
  readonly presence: Presence | null;
};

/** What is written of somebody, as far as it concerns one viewer: `isNear` when the two are in a channel together. */
export type Row = { readonly user: User; readonly isNear: boolean };
/** Reads these people as they are now; those who do not exist are not in the answer. */
export type ReadRows = (userIds: readonly UserId[]) => Promise<ReadonlyMap<UserId, Row>>;

/** Nothing that was read before counts. */
export const createReadRows =
  (scope: ViewerScope): ReadRows =>
  async (userIds) => {
    const fresh = { ...scope };
    const users = await usersOf(fresh, userIds);
    const rows = users.map(async (user) => [user.id, { user, isNear: await isNear(fresh, user) }] as const);
    return new Map(await Promise.all(rows));
  };

type Watched = {
  /** As read last; undefined for who does not exist. */
  row: Row | undefined;
  /** When they were there last, as a hint said. */
  seenAt: number;
  /** What the viewer was told last. */
  told: PresenceDelivery | undefined;
  /** By what time, at the latest so far. */
  toldAt: number;
};

/** Whom to look at. Nothing is read of who is only in `states`, and of `profiles` only what is the same for all who look. */
export type Wanted = {
  readonly isRenewal: boolean;
  readonly rows: ReadonlySet<UserId>;
  readonly profiles: ReadonlySet<UserId>;
  readonly states: ReadonlySet<UserId>;
};

type Settings = {
  readonly presence: Pick<Connected, 'statesOf' | 'profilesOf'>;
  readonly readRows: ReadRows;
};

/** The people that one subscription watches, and what its viewer knows of them. */
export function createWatchedPeople({ presence, readRows }: Settings, userIds: readonly UserId[]) {
  const watched = new Map<UserId, Watched>(
    userIds.map((id) => [id, { row: undefined, seenAt: 0, told: undefined, toldAt: 0 }]),
  );

  async function read(wanted: Wanted): Promise<void> {
    const ids = wanted.isRenewal ? userIds : [...wanted.rows];
    const profileIds = [...wanted.profiles].filter((id) => !wanted.isRenewal && !wanted.rows.has(id));
    const [rows, profiles] = await Promise.all([
      ids.length > 0 ? readRows(ids) : new Map<UserId, Row>(),
      profileIds.length > 0 ? presence.profilesOf(profileIds) : new Map<UserId, never>(),
    ]);
    for (const id of ids) {
      const one = watched.get(id);
      if (one) one.row = rows.get(id);
    }
    for (const [id, profile] of profiles) {
      const one = watched.get(id);
      if (one?.row) one.row = { ...one.row, user: { ...one.row.user, ...profile } };
    }
  }

  async function look(ids: Iterable<UserId>): Promise<PresenceDelivery[]> {
    const visible: { readonly user: User; readonly look: ReturnType<typeof lookAt> | undefined }[] = [];
    for (const id of ids) {
      const { row, seenAt = 0 } = watched.get(id) ?? {};
      if (row === undefined) continue;
      const [user, look] = [withSeen(row.user, seenAt), lookAt(row.user, row.isNear)];
      visible.push({ user, look: canSeePresence(look) ? look : undefined });
    }
    const states = await presence.statesOf(visible.flatMap(({ user, look }) => (look ? [user.id] : [])));
    return visible.map(({ user, look }) => {
      const state = states.get(user.id);
      return { type: 'presence', user, presence: look && state ? shown(user, look, state) : null };
    });
  }

  return {
    onHint(userId: UserId, hint: PresenceHint): void {
      const one = watched.get(userId);
      if (one && hint.what === 'state') one.seenAt = Math.max(one.seenAt, hint.seenAt ?? 0);
    },
    /** What the viewer is to be told, of these people: what is new, or everything of everybody. */
    async look(wanted: Wanted): Promise<PresenceDelivery[]> {
      await read(wanted);
      const some = new Set([...wanted.rows, ...wanted.profiles, ...wanted.states]);
      const news: PresenceDelivery[] = [];
      for (const found of await look(wanted.isRenewal ? userIds : some)) {
        const one = watched.get(found.user.id);
        if (one === undefined) continue;
        const delivery = laterThan(one.toldAt, found);
        const isSilent = delivery.presence === null && (one.told?.presence ?? null) === null;
        if (!isSilent && (wanted.isRenewal || isOther(one.told, delivery))) news.push(delivery);
        one.told = delivery;
        one.toldAt = delivery.presence?.at ?? one.toldAt;
      }
      return news;
    },
  };
}

/** What a hint says was written before it was said: of who is invisible none says anything. */
const withSeen = (user: User, seenAt: number): User =>
  seenAt <= (user.lastSeenAt?.getTime() ?? 0) ? user : { ...user, lastSeenAt: new Date(seenAt) };

/** What is told later is newer, whatever the clock has done. */
function laterThan(last: number, found: PresenceDelivery): PresenceDelivery {
  const { presence } = found;
  if (presence === null || presence.at > last) return found;
  return { ...found, presence: { ...presence, at: last + 1, validUntil: last + 1 + validMs } };
}

const isOther = (told: PresenceDelivery | undefined, now: PresenceDelivery): boolean =>
  told === undefined || words(told) !== words(now);

/** All that somebody who looks sees, but for the time. */
const words = ({ user, presence }: PresenceDelivery): string =>
  JSON.stringify([user.handle, user.displayName, user.colour, presence?.state, presence?.lastSeenAt]);
