import type { DeviceId, UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import { type Claim, graceMs, type Leases } from '../ports/leases.ts';
import type { Platform } from '../ports/platform.ts';
import { activityOf, isIdleIn, type PresenceState, stateOf } from './presence.policy.ts';
import type { ActivityHint } from './presence-hint.ts';

export type ConnectedDevice = { readonly userId: UserId; readonly deviceId: DeviceId };

/** `from`: the process that it was connected to, when that is another one. */
export type LeftDevice = ConnectedDevice & { readonly isIdle: boolean; readonly from?: string };

/** A claim has run out when it is looked at so long after its time, whatever the clocks of two processes say. */
const afterMs = 100;

type Device = ConnectedDevice & {
  connections: number;
  isIdle: boolean;
  /** What is to be done for it is done one after another, so that the last word counts. */
  work: Promise<void>;
  /** While it may come back. */
  leaving: AbortController | undefined;
  stopListening: () => void;
};

/** `at`: when it happened, for who is gone: when the last connection was there. Milliseconds since 1970. */
export type StateChange = {
  readonly before: PresenceState;
  readonly after: PresenceState;
  readonly at: number;
};

type Settings = {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Pick<Platform['logger'], 'warn'>;
  readonly keyOf: (userId: UserId) => string;
  readonly claimsOf: (userId: UserId) => Promise<readonly Claim[]>;
  readonly onChange: (userId: UserId, change: StateChange) => Promise<void>;
  readonly listenTo: (userId: UserId, onActivity: (activity: ActivityHint) => void) => Promise<() => void>;
};

/**
 * The devices that are connected to this process, as claims. Who loses a connection stands for a while longer, so that coming
 * back at once is no news; a device that does so all the time costs two claims each time, and tells nobody anything.
 */
export function createDevices({ leases, clock, logger, keyOf, claimsOf, onChange, listenTo }: Settings) {
  const devices = new Map<string, Device>();
  const end = new AbortController();
  const placeOf = ({ userId, deviceId }: ConnectedDevice) => `${userId} ${deviceId}`;

  function enqueue(device: Device, work: () => Promise<void>): Promise<void> {
    device.work = device.work.then(work).catch((failure: unknown) => {
      logger.warn({ err: failure }, 'where somebody is connected could not be told');
    });
    return device.work;
  }

  /** Changes the claim of a device, and tells if the person is there otherwise for that. */
  async function claim({ userId, deviceId, isIdle }: Device, until?: number): Promise<void> {
    const before = stateOf(await claimsOf(userId));
    await leases.claim(keyOf(userId), deviceId, activityOf(isIdle), until);
    const after = stateOf(await claimsOf(userId));
    if (after !== before) await onChange(userId, { before, after, at: clock.now() });
  }

  /** A claim has run out at `until`: is anybody else still there? */
  async function afterEnd({ userId, deviceId, isIdle, from }: LeftDevice, until: number): Promise<void> {
    const claims = await claimsOf(userId);
    const ended = { value: activityOf(isIdle) };
    const [before, after] = [stateOf([...claims, ended]), stateOf(claims)];
    if (after !== before) await onChange(userId, { before, after, at: until - graceMs });
    await leases.drop(keyOf(userId), deviceId, from);
  }

  function open(connected: ConnectedDevice): Device {
    const device: Device = {
      ...connected,
      ...{
        connections: 0,
        isIdle: false,
        work: Promise.resolve(),
        leaving: undefined,
        stopListening: () => undefined,
      },
    };
    devices.set(placeOf(connected), device);
    void enqueue(device, async () => {
      device.stopListening = await listenTo(connected.userId, ({ deviceId, isIdle }) => {
        if (deviceId === connected.deviceId) void setIdle(connected, isIdle);
      });
    });
    return device;
  }

  /** As it was where it was connected a moment ago. */
  async function inherit(device: Device): Promise<void> {
    const claims = await claimsOf(device.userId);
    const own = claims.find(({ entry }) => entry === device.deviceId);
    if (own !== undefined) device.isIdle = isIdleIn(own);
  }

  function leave(device: Device): void {
    const leaving = new AbortController();
    device.leaving = leaving;
    const until = clock.now() + graceMs;
    void enqueue(device, () => claim(device, until)).then(async () => {
      await clock.sleep(Math.max(0, until - clock.now()) + afterMs, leaving.signal);
      if (leaving.signal.aborted || end.signal.aborted) return;
      devices.delete(placeOf(device));
      device.stopListening();
      await enqueue(device, () => afterEnd(device, until));
    });
  }

  async function setIdle(connected: ConnectedDevice, isIdle: boolean): Promise<void> {
    const device = devices.get(placeOf(connected));
    if (device === undefined) return;
    await enqueue(device, async () => {
      if (device.isIdle === isIdle || device.connections === 0) return;
      device.isIdle = isIdle;
      await claim(device);
    });
  }

  return {
    connect(connected: ConnectedDevice): () => void {
      const device = devices.get(placeOf(connected)) ?? open(connected);
      device.leaving?.abort();
      device.leaving = undefined;
      device.connections += 1;
      if (device.connections === 1)
        void enqueue(device, async () => {
          await inherit(device);
          if (device.connections > 0) await claim(device);
        });
      let isGone = false;
      return () => {
        if (isGone) return;
        isGone = true;
        device.connections -= 1;
        if (device.connections === 0) leave(device);
      };
    },
    setIdle,
    /** Whoever is active here now. */
    active(): UserId[] {
      const active = [...devices.values()].filter(({ connections, isIdle }) => connections > 0 && !isIdle);
      return [...new Set(active.map(({ userId }) => userId))];
    },
    /** Those of a process that has died, which stand for a while more. */
    async takeOver(left: readonly LeftDevice[], until: number): Promise<void> {
      await clock.sleep(Math.max(0, until - clock.now()) + afterMs, end.signal);
      for (const device of left) {
        if (end.signal.aborted) return;
        await afterEnd(device, until).catch((failure: unknown) => {
          logger.warn({ err: failure }, 'that somebody is gone could not be told');
        });
      }
    },
    async close() {
      end.abort();
      for (const device of devices.values()) {
        device.leaving?.abort();
        device.stopListening();
      }
      await Promise.all([...devices.values()].map(({ work }) => work));
      devices.clear();
    },
  };
}
