import type { DeviceId, UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import { type Claim, graceMs, type Leases } from '../ports/leases.ts';
import type { Platform } from '../ports/platform.ts';
import { activityOf, type Step, stateOf, stepBy } from './presence.policy.ts';
import type { ActivityHint } from './presence-topics.ts';

export type ConnectedDevice = { readonly userId: UserId; readonly deviceId: DeviceId };

/** `from`: the process that it was connected to, when that is another one. */
export type LeftDevice = ConnectedDevice & { readonly isIdle: boolean; readonly from?: string };

/** A claim has run out when it is looked at so long after its time, whatever the clocks of two processes say. */
const afterMs = 100;
/** What could not be told is tried again so often: the leases are soon there again, or it is this server's end. In milliseconds. */
const againMs = 1_000;
/** So many devices claim at once, when all of them claim again: the leases answer the two questions of each in time. */
const claimsAtOnce = 50;

/** While a device may come back: when its last connection was there, and what ends the waiting. */
type Leaving = { readonly at: number; readonly end: AbortController };

type Device = ConnectedDevice & {
  connections: number;
  isIdle: boolean;
  /** What is to be done for it is done one after another, so that the last word counts. */
  work: Promise<void>;
  leaving: Leaving | undefined;
  /** Is it known what its last claim made of the person? Not while it is being made, nor when nobody heard whether it was. */
  isTold: boolean;
  stopListening: () => void;
};

/** `at`: when it happened, for who is gone: when the last connection was there. Milliseconds since 1970. `keeping`: that is being written. */
export type StateChange = Step & {
  readonly userId: UserId;
  readonly at: number;
  readonly keeping?: Promise<ReadonlyMap<UserId, number>> | undefined;
};

/** `isNew`: it was not connected here; `isTurn`: somebody has just begun or ceased to look at it. */
type Claiming = { readonly until?: number; readonly isNew?: boolean; readonly isTurn?: boolean };

type Settings = {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Pick<Platform['logger'], 'warn'>;
  readonly keyOf: (userId: UserId) => string;
  /** Every asked person is in the answer. */
  readonly claimsOf: (userIds: readonly UserId[]) => Promise<ReadonlyMap<UserId, readonly Claim[]>>;
  readonly onChanges: (changes: readonly StateChange[]) => Promise<void>;
  /** Keeps when people were there last. Never rejects; answers what is kept, as far as that is known soon. */
  readonly keepSeen: (seen: ReadonlyMap<UserId, number>) => Promise<ReadonlyMap<UserId, number>>;
  readonly listenTo: (userId: UserId, onActivity: (activity: ActivityHint) => void) => Promise<() => void>;
};

/**
 * The devices that are connected to this process, as claims. Who loses a connection stands for a while longer, so that coming
 * back at once is no news; a device that does so all the time costs two claims each time, and tells nobody anything.
 */
export function createDevices(settings: Settings) {
  const { leases, clock, logger, keyOf, claimsOf, onChanges, keepSeen, listenTo } = settings;
  const devices = new Map<string, Device>();
  /** Waits that end with this: each has a signal of its own, as there may be as many of them as devices. */
  const waits = new Set<AbortController>();
  let isOver = false;
  const placeOf = ({ userId, deviceId }: ConnectedDevice) => `${userId} ${deviceId}`;

  async function waitFor(ms: number): Promise<void> {
    const wait = new AbortController();
    if (isOver) wait.abort();
    waits.add(wait);
    await clock.sleep(ms, wait.signal);
    waits.delete(wait);
  }

  /** Does it until it is done: what the leases were not told now they would not hear later, and somebody would be there for ever. */
  async function settle(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; !(await isDone(work, tries)); tries += 1) {
      await waitFor(againMs);
      if (isOver) return;
    }
  }
  async function isDone(work: () => Promise<void>, tries: number): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (err) {
      if (tries === 1) logger.warn({ err }, 'where somebody is connected could not be told yet');
      return false;
    }
  }
  function enqueue(device: Device, work: () => Promise<void>): Promise<void> {
    device.work = device.work.then(() => settle(work));
    return device.work;
  }

  /** Changes the claim of a device, and tells if the person is there otherwise for that. */
  async function claim(device: Device, { until, isNew, isTurn }: Claiming = {}) {
    const { userId, deviceId } = device;
    // As it was where it was connected a moment ago.
    if (isNew) device.isIdle = await wasIdle(device);
    const said = { entry: deviceId, value: activityOf(device.isIdle), until };
    const at = until === undefined ? clock.now() : until - graceMs;
    // Who turns away was there until now, whatever comes of the claim: that is written meanwhile.
    const keeping = isTurn && device.isIdle ? keepSeen(new Map([[userId, at]])) : undefined;
    // If nobody hears whether this claim was made, the next one cannot tell what both have changed.
    const { isTold } = device;
    device.isTold = false;
    const claimed = await leases.claim(keyOf(userId), said);
    device.isTold = true;
    // It came to this so late that it is over: what has come of that is told by who waits for it.
    if (until !== undefined && until <= clock.now()) return;
    const state = stateOf(claimed);
    const step = stepBy(claimed, { ...said, holder: leases.holder });
    if (step || !isTold) await onChanges([{ userId, before: state, after: state, ...step, at, keeping }]);
  }
  async function wasIdle({ userId, deviceId }: Device): Promise<boolean> {
    const claims = (await claimsOf([userId])).get(userId) ?? [];
    return stateOf(claims.filter(({ entry }) => entry === deviceId)) === 'IDLE';
  }

  /** Claims have run out at `until`: is anybody else still there? */
  async function afterEnd(left: readonly LeftDevice[], until: number): Promise<void> {
    const claims = await claimsOf([...new Set(left.map(({ userId }) => userId))]);
    const changes = [...claims].flatMap(([userId, now]): StateChange[] => {
      const own = left.filter((one) => one.userId === userId);
      const ended = own.map(({ isIdle }) => ({ value: activityOf(isIdle) }));
      const [before, after] = [stateOf([...now, ...ended]), stateOf(now)];
      // Whoever has died may have told nobody what it claimed last.
      const isTold = own.every(({ from }) => from === undefined);
      return after === before && isTold ? [] : [{ userId, before, after, at: until - graceMs }];
    });
    await onChanges(changes);
    for (const { userId, deviceId, from } of left) await leases.drop(keyOf(userId), deviceId, from);
  }

  function open(connected: ConnectedDevice): Device {
    const device: Device = {
      ...connected,
      ...{ connections: 0, isIdle: false, isTold: true, leaving: undefined, stopListening: () => undefined },
      work: Promise.resolve(),
    };
    devices.set(placeOf(connected), device);
    void enqueue(device, async () => {
      device.stopListening = await listenTo(connected.userId, ({ deviceId, isIdle }) => {
        if (deviceId === connected.deviceId) void setIdle(connected, isIdle);
      });
    });
    return device;
  }

  async function leave(device: Device): Promise<void> {
    const leaving = { at: clock.now(), end: new AbortController() };
    const until = leaving.at + graceMs;
    device.leaving = leaving;
    await enqueue(device, async () => {
      if (device.leaving === leaving) await claim(device, { until });
    });
    await clock.sleep(Math.max(0, until - clock.now()) + afterMs, leaving.end.signal);
    const isBack = () => device.leaving !== leaving || isOver;
    if (isBack()) return;
    // In its turn: whoever comes back from here on claims after that, and keeps what is claimed.
    await enqueue(device, async () => {
      if (!isBack()) await afterEnd([device], until);
    });
    if (isBack()) return;
    devices.delete(placeOf(device));
    device.stopListening();
  }

  /** Resolves when it has been tried: what the leases could not be told then they are told later. */
  async function setIdle(connected: ConnectedDevice, isIdle: boolean): Promise<void> {
    const device = devices.get(placeOf(connected));
    if (device === undefined || device.connections === 0) return;
    let isChange = false;
    await new Promise<void>((onTried) => {
      void enqueue(device, async () => {
        // Once, however often it has to be tried.
        const isTurn = device.isIdle !== isIdle;
        isChange ||= isTurn;
        try {
          if (!isChange) return;
          device.isIdle = isIdle;
          // Who has left since then has that claimed with their leaving.
          if (device.connections > 0) await claim(device, { isTurn });
        } finally {
          onTried();
        }
      });
    });
  }

  return {
    connect(connected: ConnectedDevice): () => void {
      if (isOver) return () => undefined;
      const known = devices.get(placeOf(connected));
      const device = known ?? open(connected);
      device.leaving?.end.abort();
      device.leaving = undefined;
      device.connections += 1;
      if (device.connections === 1)
        void enqueue(device, async () => {
          if (device.connections > 0) await claim(device, { isNew: known === undefined });
        });
      let isGone = false;
      return () => {
        if (isGone || isOver) return;
        isGone = true;
        device.connections -= 1;
        if (device.connections === 0) void leave(device);
      };
    },
    setIdle,
    /** When those were there last who are or may be back: a moment ago, or now. */
    seen(): Map<UserId, number> {
      const seen = new Map<UserId, number>();
      for (const { userId, isIdle, leaving } of devices.values())
        if (!isIdle) seen.set(userId, Math.max(seen.get(userId) ?? 0, leaving?.at ?? clock.now()));
      return seen;
    },
    /** People who are connected here. */
    count: () =>
      new Set([...devices.values()].filter((one) => one.connections > 0).map(({ userId }) => userId)).size,
    /** Others hold what was claimed here for dead, and it is not. */
    async claimAgain(): Promise<void> {
      const connected = [...devices.values()].filter(({ connections }) => connections > 0);
      const claimOne = (device: Device) =>
        enqueue(device, async () => {
          if (device.connections > 0) await claim(device);
        });
      for (let from = 0; from < connected.length; from += claimsAtOnce)
        await Promise.all(connected.slice(from, from + claimsAtOnce).map(claimOne));
    },
    /** Those of a process that has died, which stand for a while more. */
    async takeOver(left: readonly LeftDevice[], until: number): Promise<void> {
      await waitFor(Math.max(0, until - clock.now()) + afterMs);
      if (!isOver) await settle(() => afterEnd(left, until));
    },
    async close() {
      isOver = true;
      for (const wait of waits) wait.abort();
      const all = [...devices.values()];
      for (const { leaving } of all) leaving?.end.abort();
      await Promise.all(all.map(({ work }) => work));
      for (const { stopListening } of all) stopListening();
      devices.clear();
    },
  };
}
