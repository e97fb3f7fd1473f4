import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { deviceIdOf, type UserId, userIdOf } from '../ids.ts';
import { openMemoryBus } from '../ports/bus.memory.ts';
import type { Bus } from '../ports/bus.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { createLeaseSpace, openMemoryLeases } from '../ports/leases.memory.ts';
import { graceMs, leaseMs, reapMs } from '../ports/leases.ts';
import { createRandom, upTo } from '../ports/random.contract.ts';
import type { ConnectedDevice } from './connected-devices.ts';
import { openPresence, type Presence, type StateAt } from './open-presence.ts';
import { type PresenceState, stateOf } from './presence.policy.ts';

const logger = pino({ enabled: false });
const start = 1_717_171_717_171;
/** So late is anything, at most, that is not waited for on purpose. */
const soonMs = 500;
/** After the last sign of life of a process. */
const killedMs = leaseMs + reapMs + graceMs + soonMs;
const closedMs = graceMs + soonMs;
/** So often those who look do so without being told. */
const renewMs = 60_000;

type Process = { readonly presence: Presence; kill(): void };
type Connection = { readonly device: ConnectedDevice; readonly process: Process; readonly leave: () => void };

/** Processes that share their leases and a bus, and the people who are really connected to them. */
function openModel(seed: number, losesHints: number) {
  const random = createRandom(seed);
  const [clock, space] = [createManualClock(start), createLeaseSpace()];
  const inner = openMemoryBus();
  const bus: Bus = {
    ...inner,
    publish: (...hint) => (random() < losesHints ? undefined : inner.publish(...hint)),
  };
  const seen = new Map<UserId, number>();
  const openProcess = (): Process => {
    const leases = openMemoryLeases({ clock, space });
    let isAlive = true;
    /** Of a dead process nothing is heard. */
    const alive: Bus = { ...bus, publish: (...hint) => (isAlive ? bus.publish(...hint) : undefined) };
    const saveSeen = async (userIds: readonly UserId[], at: number) => {
      for (const userId of isAlive ? userIds : []) seen.set(userId, Math.max(seen.get(userId) ?? 0, at));
    };
    const presence = openPresence({ leases, bus: alive, clock, logger, saveSeen });
    return {
      presence,
      kill() {
        isAlive = false;
        leases.kill();
        void presence.close();
      },
    };
  };
  return {
    losesHints,
    random,
    clock,
    seen,
    openProcess,
    processes: upTo(3).map(openProcess),
    connections: new Set<Connection>(),
  };
}
type Model = ReturnType<typeof openModel>;

const userIds = upTo(3).map((n) => userIdOf(BigInt(n)));
const devices = userIds.flatMap((userId, index) =>
  upTo(2).map((n) => ({ userId, deviceId: deviceIdOf(BigInt(index * 10 + n)) })),
);

/** What is true of one person, and since when nothing of it has changed. */
type Truth = { readonly state: PresenceState; readonly since: number; readonly settledAt: number };

/** Looks at somebody as the subscription does: at each hint, and now and then. */
async function observe({ clock }: Model, process: Process, userId: UserId) {
  const observer: { shown: StateAt | undefined; wentBack: boolean } = { shown: undefined, wentBack: false };
  const look = async () => {
    const found = (await process.presence.statesOf([userId])).get(userId);
    if (!found) return;
    if (found.state !== observer.shown?.state && found.at <= (observer.shown?.at ?? 0))
      observer.wentBack = true;
    observer.shown = found;
  };
  await process.presence.listen(userId, () => void look());
  await look();
  const repeat = async () => {
    for (;;) {
      await clock.sleep(renewMs);
      await look();
    }
  };
  void repeat();
  return observer;
}

function createPlay(model: Model) {
  const { random, clock, connections } = model;
  const pick = <T>(list: readonly T[]): T => {
    const picked = list[Math.floor(random() * list.length)];
    if (picked === undefined) throw new Error('Nothing to pick from.');
    return picked;
  };
  const idle = new Set<string>();
  const changedAt = new Map<UserId, number>();
  const settledAt = new Map<UserId, number>();
  /** From now on something else is so of this person, and shows after so long at most. */
  const note = (userId: UserId, lateMs: number) => {
    changedAt.set(userId, clock.now());
    settledAt.set(userId, Math.max(settledAt.get(userId) ?? 0, clock.now() + lateMs));
  };
  const connectionOf = (deviceId: string) =>
    [...connections].find(({ device }) => device.deviceId === deviceId);
  const say = (process: Process, device: ConnectedDevice) => {
    const isIdle = random() < 0.5;
    void process.presence.setIdle(device, isIdle);
    if (isIdle) idle.add(device.deviceId);
    else idle.delete(device.deviceId);
  };

  const acts = {
    /** And says at once whether anybody looks at it, as it may have been otherwise when it was there before. */
    connect() {
      const [device, process] = [pick(devices), pick(model.processes)];
      if (connectionOf(device.deviceId)) return;
      connections.add({ device, process, leave: process.presence.connect(device) });
      say(process, device);
      note(device.userId, soonMs);
    },
    close() {
      const connection = connections.size > 0 ? pick([...connections]) : undefined;
      if (!connection) return;
      connections.delete(connection);
      connection.leave();
      note(connection.device.userId, closedMs);
    },
    setIdle() {
      const device = pick(devices);
      const connection = connectionOf(device.deviceId);
      if (!connection) return;
      // Elsewhere, as over HTTP, where that is sure to be heard.
      say(model.losesHints > 0 ? connection.process : pick(model.processes), device);
      note(device.userId, soonMs);
    },
    kill() {
      const dead = pick(model.processes);
      model.processes[model.processes.indexOf(dead)] = model.openProcess();
      for (const connection of [...connections]) {
        if (connection.process !== dead) continue;
        connections.delete(connection);
        note(connection.device.userId, killedMs);
      }
      // What it would have told of those who left it a moment ago, others have to find out.
      for (const [userId, at] of settledAt)
        if (at > clock.now()) settledAt.set(userId, clock.now() + killedMs);
      dead.kill();
    },
  };
  const truthOf = (userId: UserId): Truth => {
    const own = [...connections].filter(({ device }) => device.userId === userId);
    const claims = own.map(({ device }) => ({ value: { isIdle: idle.has(device.deviceId) } }));
    const [since, settled] = [changedAt.get(userId) ?? start, settledAt.get(userId) ?? start];
    return { state: stateOf(claims), since, settledAt: settled };
  };
  return { acts, truthOf, pick };
}

/** What somebody sees who looks, against what is so. Undefined when all is well. */
function problemOf(
  truth: Truth,
  shown: PresenceState | undefined,
  { now, toleranceMs }: { now: number; toleranceMs: number },
) {
  const said = `shown ${shown}, and ${truth.state} for ${now - truth.since} ms`;
  const isThere = truth.state !== 'OFFLINE';
  if (isThere && shown === 'OFFLINE' && now - truth.since > soonMs + toleranceMs) return said;
  // Who has just gone may be back.
  const isFresh = truth.since > start && now - truth.since < graceMs - soonMs;
  if (!isThere && shown === 'OFFLINE' && toleranceMs === 0 && isFresh) return `${said}, too early`;
  return now > truth.settledAt + toleranceMs && shown !== truth.state ? said : undefined;
}

async function run(seed: number, losesHints: number): Promise<string | undefined> {
  const model = openModel(seed, losesHints);
  const { acts, truthOf, pick } = createPlay(model);
  const eye = model.openProcess(); // who looks is on a process that lives on
  const observers = new Map(
    await Promise.all(userIds.map(async (userId) => [userId, await observe(model, eye, userId)] as const)),
  );
  const toleranceMs = losesHints > 0 ? renewMs + soonMs : 0;
  for (const step of upTo(400)) {
    const name = pick([
      'connect',
      'connect',
      'connect',
      'close',
      'close',
      'setIdle',
      'setIdle',
      'kill',
    ] as const);
    acts[name]();
    await model.clock.advance(pick([10, 300, 2_000, 9_000, 12_000, 30_000, 70_000]));
    for (const userId of userIds) {
      const [truth, observer] = [truthOf(userId), observers.get(userId)];
      const problem = problemOf(truth, observer?.shown?.state, { now: model.clock.now(), toleranceMs });
      if (problem) return `seed ${seed}, step ${step} (${name}): ${userId} is ${problem}`;
      if (observer?.wentBack)
        return `seed ${seed}, step ${step}: ${userId} is shown otherwise at an earlier time`;
      const lastSeen = model.seen.get(userId) ?? 0;
      if (lastSeen > model.clock.now()) return `seed ${seed}, step ${step}: ${userId} was seen in the future`;
    }
  }
  return undefined;
}

describe('who is shown as there', () => {
  it.each(upTo(40))('is who is truly connected, within the bounds (seed %i)', async (seed) => {
    expect([await run(seed, 0)]).toEqual([undefined]);
  });

  it.each(upTo(20))('is so a minute later at most when hints are lost (seed %i)', async (seed) => {
    expect([await run(seed, 0.3)]).toEqual([undefined]);
  });
});
