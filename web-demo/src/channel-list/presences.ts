import type { Client } from 'urql';
import type { PresenceShown } from '../design/avatar.tsx';
import { PresenceDocument, type PresenceFieldsFragment } from '../gql/graphql.ts';
import { createWatchedIds, type WatchedIds } from './watched-ids.ts';

/** By the id of a person; null: not to be seen. Who is not in it has not been told of yet. */
type Held = ReadonlyMap<string, PresenceFieldsFragment | null>;
export type Presences = WatchedIds & {
  get(): Held;
  subscribe(listener: () => void): () => void;
};

const watchLimit = 200;
/** More than are ever on the screens of one visit; who is left out has not been looked at for long. */
const heldLimit = 1_000;

/** Who is there, of all who are on the screen. */
function createPresences(client: Client): Presences {
  let held: Held = new Map();
  const listeners = new Set<() => void>();

  function hold(userId: string, told: PresenceFieldsFragment | null): void {
    const before = held.get(userId);
    if (told && before && before.at > told.at) return;
    if (told) came(told);
    held = lastOf(new Map([...held].filter(([id]) => id !== userId)).set(userId, told));
    for (const listener of listeners) listener();
  }
  const { watch } = createWatchedIds({
    limit: watchLimit,
    open(userIds, onEnd) {
      const source = client.subscription(PresenceDocument, { userIds: [...userIds] });
      return source.subscribe((result) => {
        const user = result.data?.presence.user;
        if (user) hold(user.id, user.presence);
        if (result.error || !result.hasNext) onEnd();
      }).unsubscribe;
    },
  });
  return {
    watch,
    get: () => held,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Kept as long as the client of the account is. */
const ofClient = new WeakMap<Client, Presences>();
export function presencesOf(client: Client): Presences {
  const presences = ofClient.get(client) ?? createPresences(client);
  ofClient.set(client, presences);
  return presences;
}

/**
 * When what is known of a person came, by the clock of this device, in milliseconds: it may be wrong, and that of the server is
 * not asked.
 */
let cameAt: ReadonlyMap<string, { readonly at: string; readonly ms: number }> = new Map();

function came({ id, at }: PresenceFieldsFragment): void {
  if (cameAt.get(id)?.at === at) return;
  cameAt = lastOf(new Map([...cameAt].filter(([other]) => other !== id)).set(id, { at, ms: Date.now() }));
}

const lastOf = <T>(map: Map<string, T>): ReadonlyMap<string, T> =>
  map.size > heldLimit ? new Map([...map].slice(-heldLimit)) : map;

/**
 * What to show of what is held. Whoever watches is told again within a minute: who hears nothing any more does not know. What is
 * older than this page, out of the kept cache, says nothing until the first news has come.
 */
export function presenceOf(presence: PresenceFieldsFragment | null | undefined, now: number): PresenceShown {
  if (!presence) return presence === null ? null : 'UNKNOWN';
  const known = cameAt.get(presence.id);
  if (!known) return 'UNKNOWN';
  // A query may bring something newer than the subscription has.
  if (presence.at > known.at) came(presence);
  const since = cameAt.get(presence.id)?.ms ?? now;
  const goodForMs = Date.parse(presence.validUntil) - Date.parse(presence.at);
  return now - since < goodForMs ? presence.state : 'UNKNOWN';
}
