import { deviceIdOf, type UserId } from '../../ids.ts';
import { graceMs, leaseMs, renewMs as renewLeaseMs } from '../../ports/leases.ts';
import { upTo } from '../../ports/random.contract.ts';
import type { ConnectedDevice } from '../../presence/connected-devices.ts';
import { type PresenceState, stateOf } from '../../presence/presence.policy.ts';
import { type Model, type Process, userIds, viewerIds } from './model.ts';
import { closedMs, createRecord, killedMs, type Record, renewMs, soonMs, writtenMs } from './truth.ts';

/** What waits for the store has asked it once more after so long. */
const patienceMs = 5_000;

type Connection = { readonly device: ConnectedDevice; readonly process: Process; readonly leave: () => void };
type Pick = <T>(list: readonly T[]) => T;

const devices = userIds.flatMap((userId, index) =>
  upTo(2).map((n) => ({ userId, deviceId: deviceIdOf(BigInt(index * 10 + n)) })),
);

/** People who come and go, and change their minds; and what then is so. */
export function createPlay(model: Model) {
  const { random, store } = model;
  const pick: Pick = <T>(list: readonly T[]): T => {
    const picked = list[Math.floor(random() * list.length)];
    if (picked === undefined) throw new Error('Nothing to pick from.');
    return picked;
  };
  const connected = createConnected(model);
  const record = createRecord(model, connected.stateOf);
  const acts = {
    ...comingsAndGoings({ model, connected, record, pick }),
    ...deathsOfProcesses({ model, connected, record, pick }),
    ...changesOfMind({ model, connected, record, pick }),
  };
  return {
    pick,
    act(name: keyof typeof acts) {
      record.look();
      acts[name]();
      record.look();
    },
    truthOf: record.truthOf,
    leaveAll: connected.leaveAll,
    /** The store answers again; until now nothing that is written could show. */
    mendStore() {
      if (!store.state.isDown) return;
      store.state.isDown = false;
      store.state.mendedAt = model.clock.now();
      for (const userId of userIds) {
        record.settle(`${userId} written`, writtenMs);
        record.miss(userId);
      }
    },
  };
}
export type Play = ReturnType<typeof createPlay>;
export type Act = Parameters<Play['act']>[0];

/** Who is truly connected. */
function createConnected({ random }: Model) {
  const connections = new Set<Connection>();
  const idle = new Set<string>();
  let isOver = false;
  return {
    connections,
    isOver: () => isOver,
    find: (deviceId: string) => [...connections].find(({ device }) => device.deviceId === deviceId),
    stateOf(userId: UserId): PresenceState {
      const own = [...connections].filter(({ device }) => device.userId === userId);
      return stateOf(own.map(({ device }) => ({ value: { isIdle: idle.has(device.deviceId) } })));
    },
    enter(device: ConnectedDevice, process: Process): void {
      connections.add({ device, process, leave: process.presence.connect(device) });
    },
    /** Says by way of this process whether anybody looks at the device. */
    say(process: Process, device: ConnectedDevice): void {
      const isIdle = random() < 0.5;
      void process.presence.setIdle(device, isIdle);
      if (isIdle) idle.add(device.deviceId);
      else idle.delete(device.deviceId);
    },
    /** And nobody comes back. */
    leaveAll(): void {
      isOver = true;
      for (const { leave } of connections) leave();
      connections.clear();
    },
  };
}

type Stage = {
  readonly model: Model;
  readonly connected: ReturnType<typeof createConnected>;
  readonly record: Record;
  readonly pick: Pick;
};

function comingsAndGoings({ model, connected, record, pick }: Stage) {
  const { random, clock, processes, faults } = model;
  const { connections, find, enter, say } = connected;
  const anyConnection = () => (connections.size > 0 ? pick([...connections]) : undefined);
  /** And says at once whether anybody looks at it, as it may have been otherwise when it was there before. */
  const connect = (device: ConnectedDevice, process: Process) => {
    enter(device, process);
    record.arrive(device.userId);
    say(process, device);
    record.note(device.userId, soonMs);
  };
  const close = (connection: Connection) => {
    connections.delete(connection);
    connection.leave();
    record.note(connection.device.userId, closedMs);
  };
  return {
    connect() {
      const device = pick(devices);
      if (!find(device.deviceId)) connect(device, pick(processes));
    },
    close() {
      const connection = anyConnection();
      if (connection) close(connection);
    },
    /** Back just when it is noticed that they have gone. */
    comeBack() {
      const connection = anyConnection();
      if (!connection) return;
      const { device, process } = connection;
      close(connection);
      void clock.sleep(graceMs + Math.floor(random() * 250)).then(() => {
        if (connected.isOver() || find(device.deviceId) || !processes.includes(process)) return;
        record.look();
        connect(device, process);
        record.look();
      });
    },
    /** Gone and back before anybody has noticed, and never anything else. */
    flap() {
      const connection = anyConnection();
      if (!connection) return;
      connections.delete(connection);
      connection.leave();
      enter(connection.device, connection.process);
    },
    /** Two devices at the same moment, wherever they are. */
    crowd() {
      const userId = pick(userIds);
      for (const device of devices.filter((one) => one.userId === userId)) {
        const connection = find(device.deviceId);
        if (connection) say(connection.process, device);
        else connect(device, pick(processes));
        record.note(userId, soonMs);
      }
    },
    setIdle() {
      const device = pick(devices);
      const connection = find(device.deviceId);
      if (!connection) return;
      // Elsewhere, as over HTTP, where that is sure to be heard.
      say(faults.lostHints > 0 ? connection.process : pick(processes), device);
      record.note(device.userId, soonMs);
    },
  };
}

function deathsOfProcesses({ model, connected: { connections }, record, pick }: Stage) {
  const { random, processes, store } = model;
  return {
    kill() {
      const dead = pick(processes);
      processes[processes.indexOf(dead)] = model.openProcess();
      for (const userId of userIds) {
        // What it would have told of those who left it a moment ago, others have to find out.
        if (!record.isSettled(userId)) record.settle(userId, killedMs);
        record.lose(userId);
      }
      for (const connection of [...connections]) {
        if (connection.process !== dead) continue;
        connections.delete(connection);
        record.note(connection.device.userId, killedMs);
        if (dead.isStalled()) record.doubt(connection.device.userId);
      }
      dead.kill();
    },
    /** Others take it for dead, and it is back before they have told so. */
    stall() {
      const slow = pick(processes);
      // Its last word was up to `renewLeaseMs` ago.
      const lateMs = leaseMs + renewLeaseMs + Math.floor(random() * (graceMs - 2 * renewLeaseMs));
      slow.stall(lateMs);
      for (const userId of userIds) if (!record.isSettled(userId)) record.settle(userId, lateMs + killedMs);
      for (const { device, process } of connections)
        if (process === slow) record.settle(device.userId, lateMs);
    },
    /** For less time than those who look are patient: not twice without a moment in between. */
    breakStore() {
      store.state.isDown = model.clock.now() - store.state.mendedAt > patienceMs;
    },
  };
}

function changesOfMind({ model: { clock, store, processes }, record, pick }: Stage) {
  const announce = (userId: UserId, to?: UserId) => pick(processes).presence.announce(userId, to);
  const changed = (userId: UserId) => {
    announce(userId);
    record.settle(`${userId} written`, writtenMs);
  };
  return {
    rename() {
      const userId = pick(userIds);
      store.profileOf(userId).displayName = `name ${clock.now()}`;
      changed(userId);
    },
    /** Or shows themselves again. Who hides is kept as seen until then if they were, as the operation does it. */
    hide() {
      const userId = pick(userIds);
      const profile = store.profileOf(userId);
      void pick(processes)
        .presence.statesOf([userId])
        .then((found) => {
          record.look();
          profile.isInvisible = !profile.isInvisible;
          const wasSeen = profile.isInvisible && found.get(userId)?.state === 'ONLINE';
          if (wasSeen) profile.lastSeenAt = new Date(clock.now());
          else record.miss(userId); // if they came at this very moment
          changed(userId);
          record.look();
        });
    },
    share() {
      const userId = pick(userIds);
      store.profileOf(userId).lastSeenVisibleTo = pick(['NOBODY', 'CONTACTS', 'CO_MEMBERS']);
      changed(userId);
    },
    relate() {
      const [viewerId, userId] = [pick(viewerIds), pick(userIds)];
      const between = store.betweenOf(viewerId, userId);
      const what = pick(['isContact', 'isBlockedByViewer', 'blocksViewer'] as const);
      between[what] = !between[what];
      announce(userId, viewerId);
      record.settle(`${viewerId} ${userId}`, writtenMs);
    },
    /** Nobody tells that two are in a channel together, or no longer. */
    meet() {
      const [viewerId, userId] = [pick(viewerIds), pick(userIds)];
      const between = store.betweenOf(viewerId, userId);
      between.isNear = !between.isNear;
      record.settle(`${viewerId} ${userId}`, renewMs + soonMs);
    },
  };
}
