import type { DeviceId } from '../../../schema/ids.ts';
import type { Bus } from '../../../schema/ports/bus.ts';
import type { ManualClock } from '../../../schema/ports/clock.manual.ts';
import { type LeaseSpace, openMemoryLeases } from '../../../schema/ports/leases.memory.ts';
import type { Leases } from '../../../schema/ports/leases.ts';
import { openPresence, type Presence } from '../../../schema/presence/open-presence.ts';
import { createPersonRows } from '../../../schema/presence/person-rows.ts';
import type { Product } from '../../../schema/scope.ts';
import { openStream } from '../../../schema/stream/open-stream.ts';
import { openTyping } from '../../../schema/typing/open-typing.ts';
import { readConfig } from '../../config.ts';
import { openPostgresContacts } from '../../drivers/contacts.postgres.ts';
import { openPostgresEventLog } from '../../drivers/event-log.postgres.ts';
import { openPostgresMemberships } from '../../drivers/memberships.postgres.ts';
import { openPostgresPositions } from '../../drivers/positions.postgres.ts';
import { openRevocations } from '../../revocations.ts';
import { openServer } from '../../server.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import type { World } from '../world.ts';
import type { Faults } from './fleet.ts';

/** One server of several, as a process of its own would be. */
export type FleetServer = {
  readonly url: string;
  readonly socketUrl: string;
  readonly product: Product;
  readonly isAlive: () => boolean;
  /** How many connections of this device it knows of. */
  readonly connectionsOf: (deviceId: DeviceId) => number;
  /** Ends it as SIGKILL does: its connections break, and nothing that it does or says reaches anybody any more. */
  kill(): void;
  /** Ends it as SIGTERM does. Goes on while time does. */
  stop(): void;
};

export type FleetSettings = {
  readonly world: World;
  readonly clock: ManualClock;
  readonly space: LeaseSpace;
  readonly bus: Bus;
  readonly faults: Faults;
  /** What the dead wait for: it fails when the fleet is over. */
  readonly over: Promise<never>;
};

/** `onEnd` is told what is still to be waited for. */
export async function openFleetServer(
  settings: FleetSettings,
  onEnd: (ending: Promise<unknown>) => void,
): Promise<FleetServer> {
  const life = createLife(settings.over);
  const { product, revocations, parts, leases } = await openParts(settings, life);
  const { connect, connectionsOf } = counted(product.presence);
  const seen = { ...product, presence: { ...product.presence, connect } };
  const limits = settings.faults.neverPings ? { heartbeatMs: 86_400_000 } : {};
  const server = await openServer({ product: seen, revocations, limits }, readConfig({ PORT: '0' }));
  const proxy = await openTcpProxy({ targetPort: server.port });
  const closeAll = async () => {
    await server.close();
    await Promise.all([proxy.close(), ...parts.map((part) => part.close())]);
    await leases.close();
  };
  const at = (url: string) => url.replace(`:${server.port}`, `:${proxy.port}`);
  const end = (ending: () => Promise<unknown>) => {
    if (!isUp) return;
    isUp = false;
    onEnd(ending());
  };
  let isUp = true;
  return {
    ...{ url: at(server.url), socketUrl: at(server.socketUrl), product, connectionsOf },
    isAlive: () => isUp,
    kill: () =>
      end(() => {
        life.end();
        leases.kill();
        for (const { cut } of proxy.links()) cut();
        return closeAll();
      }),
    stop: () => end(closeAll),
  };
}

/** Of a dead process nothing is heard, nothing is done, and nothing is ever answered. */
function createLife(over: Promise<never>) {
  let isAlive = true;
  return {
    isAlive: () => isAlive,
    whileAlive: <T>(work: () => Promise<T>): Promise<T> => (isAlive ? work() : over),
    end() {
      isAlive = false;
    },
  };
}
type Life = ReturnType<typeof createLife>;

/** Counts who it is told of: what the network has brought so far. */
function counted({ connect }: Presence) {
  const counts = new Map<DeviceId, number>();
  const connectionsOf = (deviceId: DeviceId) => counts.get(deviceId) ?? 0;
  const change = (deviceId: DeviceId, by: number) => counts.set(deviceId, connectionsOf(deviceId) + by);
  const countedConnect: Presence['connect'] = (device) => {
    const leave = connect(device);
    change(device.deviceId, 1);
    return () => {
      leave();
      change(device.deviceId, -1);
    };
  };
  return { connect: countedConnect, connectionsOf };
}

/** What a process consists of, as api/platform.ts puts it together. */
async function openParts(settings: FleetSettings, life: Life) {
  const { world, clock } = settings;
  const { prisma, logger } = world.product;
  const { pool } = world.database;
  const bus = busOf(settings, life);
  const leases = leasesOf(settings, life);
  const { uuid } = await prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const stream = await openStream({
    ...{ bus, clock, logger, installation: uuid },
    log: await openPostgresEventLog({ pool }),
    memberships: await openPostgresMemberships({ pool }),
    positions: await openPostgresPositions({ pool }),
    contacts: await openPostgresContacts({ pool }),
  });
  const rows = createPersonRows({ prisma });
  const presence = openPresence({
    ...{ leases, bus, clock, logger },
    rows: { ...rows, saveSeen: (seen) => life.whileAlive(() => rows.saveSeen(seen)) },
  });
  const typing = openTyping({ bus, clock });
  const revocations = await openRevocations({ bus, prisma, clock, logger });
  const own = { stream, presence, typing, announceRevoked: revocations.announce };
  const parts = [typing, presence, revocations, stream];
  return { product: { ...world.product, ...own }, revocations, parts, leases };
}

function busOf({ bus, faults }: FleetSettings, life: Life): Bus {
  return {
    ...bus,
    publish(topic, payload) {
      if (!life.isAlive()) return;
      const isOpen = faults.tellsEverybody && typeof payload === 'object' && topic.startsWith('typing:');
      bus.publish(topic, isOpen ? { ...payload, hiddenFrom: [] } : payload);
    },
  };
}

function leasesOf({ clock, space, faults }: FleetSettings, life: Life): Leases & { kill(): void } {
  const inner = openMemoryLeases({ clock, space });
  return {
    ...inner,
    claim: (key, said) =>
      life.whileAlive(async () => {
        if (!faults.knowsNoGrace || said.until === undefined) return inner.claim(key, said);
        await inner.drop(key, said.entry);
        return []; // as if something had changed, so that somebody looks
      }),
    drop: (...place) => life.whileAlive(() => inner.drop(...place)),
    onOrphaned: (listener) => (faults.neverReaps ? () => undefined : inner.onOrphaned(listener)),
  };
}
