import { incomingId, type UserId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Claim, Leases, Orphan } from '../ports/leases.ts';
import type { Platform } from '../ports/platform.ts';
import { createLingering, type Opened } from '../stream/lingering.ts';
import {
  type ConnectedDevice,
  createDevices,
  type LeftDevice,
  type StateChange,
} from './connected-devices.ts';
import { type PresenceState, stateOf } from './presence.policy.ts';
import {
  activityTopic,
  type PresenceHint,
  parseActivityHint,
  parsePresenceHint,
  presenceTopic,
} from './presence-hint.ts';

/** How somebody is there, and since when: of two the later is newer. Milliseconds since 1970. */
export type StateAt = { readonly state: PresenceState; readonly at: number };

/** Who is connected to whatever process, for who may ask. State with an expiry, nothing of it is stored but when somebody was seen last. */
export interface Presence {
  /** A device is connected here. Call what is returned when that connection is gone; a device may have several. */
  connect(device: ConnectedDevice): () => void;
  /** Whether anybody looks at this device; nothing when it is connected nowhere. */
  setIdle(device: ConnectedDevice, isIdle: boolean): Promise<void>;
  /** As of now. Every asked person is in the answer. */
  statesOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, StateAt>>;
  /** From when it resolves on, calls back when something of this person should be looked at again; some of that may be lost. */
  listen(userId: UserId, onHint: (hint: PresenceHint) => void): Promise<() => void>;
  /** Something of this person changed that others see: profile, settings, or who they are to whom. */
  announce(userId: UserId): void;
  /** Everybody who is connected here is connected no more. */
  close(): Promise<void>;
}

export type SaveSeen = (userIds: readonly UserId[], at: number) => Promise<void>;

type Settings = {
  readonly leases: Leases;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Pick<Platform['logger'], 'warn'>;
  /** Keeps when people were there last, in milliseconds since 1970. */
  readonly saveSeen: SaveSeen;
};

const prefix = 'presence:';
export const presenceKey = (userId: UserId) => `${prefix}${userId}`;

/** What was claimed for a device, if it was one. What it said of itself no longer matters: it is gone, or back elsewhere. */
const deviceOf = ({ key, entry, from }: Orphan): LeftDevice | undefined => {
  if (!key.startsWith(prefix)) return undefined;
  return { userId: incomingId(key.slice(prefix.length)), deviceId: incomingId(entry), from, isIdle: false };
};

/** What is not remembered has not changed for that long, so that what changes now is later. In milliseconds. */
const unknownMs = 1_000;
/** What nobody listens to any more is let go of that often, in milliseconds. */
const tidyMs = 15_000;
/** That those who are active are there is kept so often, in milliseconds: after a crash, so much of it is forgotten at most. */
const seenMs = 300_000;

export function openPresence({ leases, bus, clock, logger, saveSeen }: Settings): Presence {
  const end = new AbortController();
  const listeners = createLingering(clock, openTopic);

  async function openTopic(userId: UserId): Promise<Opened<Set<(hint: PresenceHint) => void>>> {
    const value = new Set<(hint: PresenceHint) => void>();
    const close = await bus.subscribe(presenceTopic(userId), (payload) => {
      const hint = parsePresenceHint(payload);
      if (hint !== undefined) for (const onHint of value) onHint(hint);
    });
    return { value, close };
  }

  async function tidy(): Promise<void> {
    let savedAt = clock.now();
    for (;;) {
      await clock.sleep(tidyMs, end.signal);
      if (end.signal.aborted) return;
      listeners.closeIdle();
      if (Math.abs(clock.now() - savedAt) < seenMs) continue;
      savedAt = clock.now();
      await saveAll();
    }
  }

  /** Those who are active here are seen now. */
  async function saveAll(): Promise<void> {
    await saveSeen(devices.active(), clock.now()).catch((failure: unknown) => {
      logger.warn({ err: failure }, 'when people were there last could not be kept');
    });
  }

  const claimsOf = async (userId: UserId): Promise<readonly Claim[]> =>
    (await leases.of([presenceKey(userId)])).get(presenceKey(userId))?.claims ?? [];

  /** Somebody is there otherwise than before: those who look are told, and when they were seen last is kept. */
  async function onChange(userId: UserId, { before, after, at }: StateChange): Promise<void> {
    // A device that nobody looked at comes and goes without anybody being seen.
    const seenAt = before === 'ONLINE' || after === 'ONLINE' ? at : null;
    // First what a look would find, then the hint to look.
    if (seenAt !== null) await saveSeen([userId], seenAt);
    bus.publish(presenceTopic(userId), { what: 'state', seenAt });
  }

  const devices = createDevices({
    ...{ leases, clock, logger, claimsOf, onChange },
    keyOf: presenceKey,
    listenTo: (userId, onActivity) =>
      bus.subscribe(activityTopic(userId), (payload) => {
        const activity = parseActivityHint(payload);
        if (activity !== undefined) onActivity(activity);
      }),
  });

  const tidying = tidy();

  /** Whoever was connected to a process that has died is there for a while more, and then perhaps not. */
  async function takeOver(orphans: readonly Orphan[]): Promise<void> {
    for (const until of new Set(orphans.map((orphan) => orphan.until))) {
      const left = orphans
        .filter((orphan) => orphan.until === until)
        .flatMap((orphan) => deviceOf(orphan) ?? []);
      void devices.takeOver(left, until);
    }
  }
  const stopTakingOver = leases.onOrphaned((orphans) => void takeOver(orphans));

  return {
    connect: devices.connect,
    async setIdle(device, isIdle) {
      const { userId, deviceId } = device;
      // It may be connected elsewhere, too.
      bus.publish(activityTopic(userId), { deviceId, isIdle });
      await devices.setIdle(device, isIdle);
    },
    async statesOf(userIds) {
      const claimed = await leases.of(userIds.map(presenceKey));
      const now = clock.now();
      return new Map(
        userIds.map((userId) => {
          const { claims = [], changedAt } = claimed.get(presenceKey(userId)) ?? {};
          return [userId, { state: stateOf(claims), at: changedAt ?? now - unknownMs }];
        }),
      );
    },
    async listen(userId, onHint) {
      const { value, release } = await listeners.attach(userId);
      value.add(onHint);
      return () => {
        value.delete(onHint);
        release();
      };
    },
    announce: (userId) => bus.publish(presenceTopic(userId), { what: 'person' }),
    async close() {
      end.abort();
      stopTakingOver();
      await saveAll();
      await devices.close();
      await Promise.all([tidying, listeners.close()]);
    },
  };
}
