import { incomingId, type UserId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Claim, Claimed, Leases, Orphan } from '../ports/leases.ts';
import type { Platform } from '../ports/platform.ts';
import type { Shares } from '../shares.ts';
import {
  type ConnectedDevice,
  createDevices,
  type LeftDevice,
  type StateChange,
} from './connected-devices.ts';
import { createLastSeen, type PersonRows, type Profile } from './person-rows.ts';
import { isIdleIn, type PresenceState, stateOf, wasSeen } from './presence.policy.ts';
import {
  activityTopic,
  createWatched,
  type PresenceHint,
  parseActivityHint,
  presenceTopic,
} from './presence-topics.ts';

/**
 * How somebody is there. `changedAt`: when they came to be, by the clocks of all processes; a look before that is older whatever
 * it says. `lookedAt`: when that was found. Milliseconds since 1970.
 */
export type StateAt = {
  readonly state: PresenceState;
  readonly changedAt: number;
  readonly lookedAt: number;
};

/** Who is connected to whatever process, for who may ask. State with an expiry, nothing of it is stored but when somebody was seen last. */
export interface Presence {
  /** A device is connected here. Call what is returned when that connection is gone; a device may have several. */
  connect(device: ConnectedDevice): () => void;
  /** Whether anybody looks at this device; nothing when it is connected nowhere. */
  setIdle(device: ConnectedDevice, isIdle: boolean): Promise<void>;
  /** As of now. Every asked person is in the answer. */
  statesOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, StateAt>>;
  /** How people are written down, those of them who exist: read once for all who listen to somebody here, each time that changes. */
  profilesOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Profile>>;
  /** From when it resolves on, calls back when something of this person should be looked at again; some of that may be lost. */
  listen(userId: UserId, onHint: (hint: PresenceHint) => void): Promise<() => void>;
  /**
   * Calls back a while after hints were lost, within 26 s: whoever listens to somebody is to look at everything of them again. Each
   * listener is called by itself, so that they do not look all at once.
   */
  onLost(listener: () => void): () => void;
  /** What of all watching each person has. */
  readonly shares: Shares;
  /** Something changed that others see of this person: their profile or settings; or, for `to` alone, what there is between the two. */
  announce(userId: UserId, to?: UserId): void;
  /** People who are connected here, and people whom somebody here looks at. */
  readonly counts: { readonly connected: number; readonly watched: number };
  /** Everybody who is connected here is connected no more. */
  close(): Promise<void>;
}

type Settings = {
  readonly leases: Leases;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Pick<Platform['logger'], 'warn'>;
  readonly rows: PersonRows;
};

const prefix = 'presence:';
const presenceKey = (userId: UserId) => `${prefix}${userId}`;
/** Keys in one look at the leases. */
const atOnce = 1_000;

/** What was claimed for a device, if it was one. */
const deviceOf = ({ key, entry, value, from }: Orphan): LeftDevice | undefined => {
  if (!key.startsWith(prefix)) return undefined;
  const [userId, deviceId] = [incomingId(key.slice(prefix.length)), incomingId(entry)];
  return { userId, deviceId, from, isIdle: isIdleIn({ value }) };
};

/** What is not remembered has not changed for that long at least: it is told as if it had then. In milliseconds. */
export const unknownMs = 1_000;
/** What nobody listens to any more is let go of that often, in milliseconds. */
const tidyMs = 15_000;
/** That those who are active are there is kept so often, in milliseconds: after a crash, so much of it is forgotten at most. */
const seenMs = 300_000;

export function openPresence({ leases, bus, clock, logger, rows }: Settings): Presence {
  const end = new AbortController();
  const watched = createWatched({ bus, clock, rows });
  const tellState = (userId: UserId, seenAt: number | null) =>
    bus.publish(presenceTopic(userId), { what: 'state', seenAt });
  const lastSeen = createLastSeen({
    ...{ rows, clock, logger },
    onLate(seen) {
      for (const [userId, at] of seen) tellState(userId, at);
    },
  });

  async function tidy(): Promise<void> {
    let savedAt = clock.now();
    for (;;) {
      await clock.sleep(tidyMs, end.signal);
      if (end.signal.aborted) return;
      watched.closeIdle();
      if (Math.abs(clock.now() - savedAt) < seenMs) continue;
      savedAt = clock.now();
      await lastSeen.save(devices.seen());
    }
  }

  async function claimedBy(userIds: readonly UserId[]): Promise<Map<UserId, Claimed>> {
    const found = new Map<UserId, Claimed>();
    for (let from = 0; from < userIds.length; from += atOnce) {
      const some = userIds.slice(from, from + atOnce);
      const claimed = await leases.of(some.map(presenceKey));
      for (const userId of some)
        found.set(userId, claimed.get(presenceKey(userId)) ?? { claims: [], changedAt: undefined });
    }
    return found;
  }
  async function claimsOf(userIds: readonly UserId[]): Promise<Map<UserId, readonly Claim[]>> {
    const found = await claimedBy(userIds);
    return new Map([...found].map(([userId, { claims }]) => [userId, claims]));
  }

  /** People are there otherwise than before: those who look are told, and when they were seen last is kept. */
  async function onChanges(changes: readonly StateChange[]): Promise<void> {
    const unkept = changes.filter((change) => wasSeen(change) && change.keeping === undefined);
    const keeping = [
      lastSeen.save(new Map(unkept.map(({ userId, at }) => [userId, at]))),
      ...changes.flatMap((change) => change.keeping ?? []),
    ];
    // When somebody was there last is shown of nobody who is there.
    for (const { userId, after } of changes) if (after === 'ONLINE') tellState(userId, null);
    if (changes.every(({ after }) => after === 'ONLINE')) return;
    // First what a look would find, then the hint to look.
    const kept = new Map((await Promise.all(keeping)).flatMap((some) => [...some]));
    for (const { userId, after } of changes)
      if (after !== 'ONLINE') tellState(userId, kept.get(userId) ?? null);
  }

  const devices = createDevices({
    ...{ leases, clock, logger, claimsOf, onChanges, keepSeen: lastSeen.save },
    keyOf: presenceKey,
    listenTo: (userId, onActivity) =>
      bus.subscribe(activityTopic(userId), (payload) => {
        const activity = parseActivityHint(payload);
        if (activity !== undefined) onActivity(activity);
      }),
  });

  /** Whoever was connected to a process that has died is there for a while more, and then perhaps not. */
  function takeOver(orphans: readonly Orphan[]): void {
    for (const until of new Set(orphans.map((orphan) => orphan.until))) {
      const left = orphans.filter((orphan) => orphan.until === until).flatMap((one) => deviceOf(one) ?? []);
      void devices.takeOver(left, until);
    }
  }
  const stops = [leases.onOrphaned(takeOver), leases.onLost(() => void devices.claimAgain())];
  const tidying = tidy();

  return {
    connect: devices.connect,
    async setIdle(device, isIdle) {
      const { userId, deviceId } = device;
      // It may be connected elsewhere, too.
      bus.publish(activityTopic(userId), { deviceId, isIdle });
      await devices.setIdle(device, isIdle);
    },
    async statesOf(userIds) {
      // Before the look: what comes out of it is at least as new.
      const lookedAt = clock.now();
      const found = await claimedBy(userIds);
      const states = [...found].map(([userId, { claims, changedAt = lookedAt - unknownMs }]): Found => {
        return [userId, { state: stateOf(claims), changedAt, lookedAt }];
      });
      return new Map(states);
    },
    profilesOf: watched.profilesOf,
    listen: watched.listen,
    onLost: watched.onLost,
    shares: watched.shares,
    announce: (userId, to) =>
      bus.publish(presenceTopic(userId), to === undefined ? { what: 'profile' } : { what: 'relation', to }),
    get counts() {
      return { connected: devices.count(), watched: watched.count() };
    },
    async close() {
      const seen = devices.seen();
      end.abort();
      for (const stop of stops) stop();
      await devices.close();
      await Promise.all([tidying, lastSeen.save(seen)]);
      await lastSeen.finish();
      await watched.close();
    },
  };
}
type Found = readonly [userId: UserId, state: StateAt];
