import { openMemoryBus } from '../../../schema/ports/bus.memory.ts';
import type { ManualClock } from '../../../schema/ports/clock.manual.ts';
import { createLeaseSpace } from '../../../schema/ports/leases.memory.ts';
import { openWorld } from '../world.ts';
import { type FleetServer, openFleetServer } from './fleet-server.ts';
import { untilAtRest, untilDone } from './patience.ts';

/** What is wrong with every server of a fleet, so that a test can show that it would notice. */
export type Faults = {
  /** What dead servers have left is nobody's business. */
  readonly neverReaps?: true;
  /** Nobody is asked whether they are still there. */
  readonly neverPings?: true;
  /** Who loses their last connection is gone at once. */
  readonly knowsNoGrace?: true;
  /** Who writes is told to all who listen, whatever there is between them. */
  readonly tellsEverybody?: true;
};

/** Several servers over one database, one space of leases and one bus, in one process and on one clock. */
export async function openFleet(clock: ManualClock, faults: Faults = {}) {
  const world = await openWorld({ clock, log: 'postgres' });
  const [space, bus] = [createLeaseSpace(), openMemoryBus()];
  let end = (_: Error) => {};
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  over.catch(() => undefined); // heard by the dead, if there are any
  const [servers, endings] = [new Set<FleetServer>(), new Set<Promise<unknown>>()];
  return {
    world,
    space,
    servers,
    async openServer(): Promise<void> {
      const settings = { world, clock, space, bus, faults, over };
      const server = await openFleetServer(settings, (ending) => {
        servers.delete(server);
        endings.add(ending);
      });
      servers.add(server);
    },
    quiet: () => untilAtRest(world.database),
    /** Everything, whatever is left. */
    async close(): Promise<void> {
      for (const { stop } of [...servers]) stop();
      end(new Error('The fleet is over.'));
      await untilDone(clock, Promise.allSettled(endings));
      await world.close();
    },
  };
}
export type Fleet = Awaited<ReturnType<typeof openFleet>>;
