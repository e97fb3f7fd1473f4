import { type DeviceId, incomingId, type UserId } from '../ids.ts';
import type { Bus, BusPayload } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import { createShares, maxWatched } from '../shares.ts';
import { createLingering, type Opened } from '../stream/lingering.ts';
import type { PersonRows, Profile } from './person-rows.ts';

/** Told to those who look at somebody. */
export const presenceTopic = (userId: UserId) => `presence:${userId}`;
/** Told to the processes where somebody is connected. */
export const activityTopic = (userId: UserId) => `activity:${userId}`;

/**
 * What of somebody is to be looked at again.
 * - `state`: whether they are there. `seenAt`: when they were last, in milliseconds since 1970, so that those who look need not
 *   read it; null where that is nothing new, or nobody's business;
 * - `profile`: how they are called, and what they set for themselves;
 * - `relation`: what there is between them and one other person, `to`, whom alone it concerns.
 */
export type PresenceHint =
  | { readonly what: 'state'; readonly seenAt: number | null }
  | { readonly what: 'profile' }
  | { readonly what: 'relation'; readonly to: UserId };

/** Undefined for what this release does not understand. */
export function parsePresenceHint(payload: BusPayload): PresenceHint | undefined {
  if (typeof payload !== 'object' || payload === null || !('what' in payload)) return undefined;
  if (payload.what === 'profile') return { what: 'profile' };
  if (payload.what === 'relation' && typeof payload.to === 'string')
    return { what: 'relation', to: incomingId(payload.to) };
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

/** What those who look at one person share. */
type Topic = {
  readonly listeners: Set<(hint: PresenceHint) => void>;
  /** Undefined until somebody asks for it, and again when it may be another. */
  profile: { readonly readAt: number; readonly reading: Promise<Profile | undefined> } | undefined;
};

/** So long what was read for one serves the others, in milliseconds: about as far apart as they are told. */
const profileMs = 2_000;

type Settings = {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly rows: Pick<PersonRows, 'profilesOf'>;
};

/**
 * After hints were lost everybody is looked at again, but not before each process has claimed again what a store may have forgotten
 * together with the hints: who is there would be told to be gone. In milliseconds.
 */
const claimedAgainMs = 6_000;
/** So many who watch look again at once, at least, or else all of them in so many steps, so far apart in milliseconds. */
const lookAgain = { atOnce: 100, steps: 40, stepMs: 500 } as const;

/** The people whom somebody looks at in this process. */
export function createWatched({ bus, clock, rows }: Settings) {
  const topics = createLingering(clock, open);
  const watchers = new Set<() => void>();
  const end = new AbortController();
  let lookingAgain = Promise.resolve();
  let lookAgainAt: number | undefined;
  const stopListening = bus.onInterrupted(() => {
    const isUnderWay = lookAgainAt !== undefined;
    lookAgainAt = clock.now() + claimedAgainMs;
    if (!isUnderWay) lookingAgain = lookingAgain.then(lookAtAllAgain);
  });

  async function lookAtAllAgain(): Promise<void> {
    while (lookAgainAt !== undefined && lookAgainAt > clock.now() && !end.signal.aborted)
      await clock.sleep(lookAgainAt - clock.now(), end.signal);
    lookAgainAt = undefined;
    for (const [, topic] of topics.all()) topic.profile = undefined;
    const all = [...watchers];
    const atOnce = Math.max(lookAgain.atOnce, Math.ceil(all.length / lookAgain.steps));
    for (let from = 0; from < all.length && !end.signal.aborted; from += atOnce) {
      for (const onLost of all.slice(from, from + atOnce)) if (watchers.has(onLost)) onLost();
      await clock.sleep(lookAgain.stepMs, end.signal);
    }
  }
  const shares = createShares(maxWatched, `One person watches at most ${maxWatched} people at once.`);

  async function open(userId: UserId): Promise<Opened<Topic>> {
    const value: Topic = { listeners: new Set(), profile: undefined };
    const close = await bus.subscribe(presenceTopic(userId), (payload) => {
      const hint = parsePresenceHint(payload);
      if (hint === undefined) return;
      if (hint.what === 'profile') value.profile = undefined;
      for (const onHint of value.listeners) onHint(hint);
    });
    return { value, close };
  }

  /** Reads what nobody has read lately. A reading that fails is not kept. */
  function readProfiles(asked: ReadonlyMap<UserId, Topic>): void {
    const now = clock.now();
    const missing = [...asked].filter(
      ([, { profile }]) => profile === undefined || Math.abs(now - profile.readAt) >= profileMs,
    );
    if (missing.length === 0) return;
    const reading = rows.profilesOf(missing.map(([userId]) => userId));
    for (const [userId, topic] of missing) {
      const profile = { readAt: now, reading: reading.then((found) => found.get(userId)) };
      topic.profile = profile;
      profile.reading.catch(() => {
        if (topic.profile === profile) topic.profile = undefined;
      });
    }
  }

  return {
    shares,
    async listen(userId: UserId, onHint: (hint: PresenceHint) => void): Promise<() => void> {
      const { value, release } = await topics.attach(userId);
      value.listeners.add(onHint);
      return () => {
        value.listeners.delete(onHint);
        release();
      };
    },
    onLost(listener: () => void): () => void {
      const own = () => listener();
      watchers.add(own);
      return () => void watchers.delete(own);
    },
    async profilesOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Profile>> {
      const asked = new Map<UserId, Topic>();
      for (const userId of userIds) {
        const topic = topics.get(userId);
        if (topic !== undefined) asked.set(userId, topic);
      }
      readProfiles(asked);
      const found = new Map<UserId, Profile>();
      for (const [userId, { profile }] of asked) {
        const read = await profile?.reading;
        if (read !== undefined) found.set(userId, read);
      }
      return found;
    },
    /** People whom somebody looks at now. */
    count: () => topics.all().filter(([, { listeners }]) => listeners.size > 0).length,
    closeIdle: topics.closeIdle,
    async close() {
      stopListening();
      end.abort();
      await lookingAgain;
      await topics.close();
    },
  };
}
