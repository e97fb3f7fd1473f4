import type { Database } from '../../prisma/open-database.ts';
import { incomingId, rowIdOf, type UserId } from '../../schema/ids.ts';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import { type Clock, systemClock } from '../../schema/ports/clock.ts';
import type { Role } from '../../schema/stream/event.ts';
import { openStream } from '../../schema/stream/open-stream.ts';
import { openWorld as openProductWorld, type Person, type WorldOptions } from '../../schema/test/world.ts';
import { openPostgresEventLog } from '../drivers/event-log.postgres.ts';
import { openPostgresMemberships } from '../drivers/memberships.postgres.ts';

type Options = Omit<WorldOptions, 'openMemberships' | 'openLog'> & {
  /** Where events are kept: in memory, which is quick and cannot fail, or as a server keeps them. */
  readonly log?: 'memory' | 'postgres';
};

/** A product of its own whose channels have members, in a real database. To be closed at the end of the test. */
export function openWorld({ log = 'memory', ...options }: Options = {}) {
  return openProductWorld({
    ...options,
    openMemberships: ({ pool }: Database) => openPostgresMemberships({ pool }),
    ...(log === 'postgres' && { openLog: ({ pool }: Database) => openPostgresEventLog({ pool }) }),
  });
}
export type World = Awaited<ReturnType<typeof openWorld>>;

/** Gives somebody a role behind everybody's back: also one that no operation would give them. */
export const giveRole = (
  { product }: World,
  where: { readonly channelId: string; readonly userId: UserId },
  role: Role,
) =>
  product.prisma.member.updateMany({
    where: { channelId: rowIdOf.channel(incomingId(where.channelId)), userId: rowIdOf.user(where.userId) },
    data: { role },
  });

/** The time goes on with every look at it: what happens one after the other has different times. */
export function createRisingClock(): Clock {
  let now = systemClock.now();
  return {
    now: () => {
      now = Math.max(now + 1, systemClock.now());
      return now;
    },
    sleep: systemClock.sleep,
  };
}

/** Somebody's scope on another server over the same database, which hears of nothing that the first one does. Close it. */
export async function onAnotherServer({ database: { pool }, product }: World, { scope }: Person) {
  const [log, memberships] = [await openPostgresEventLog({ pool }), await openPostgresMemberships({ pool })];
  const { uuid } = await product.prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const { clock, logger } = product;
  const stream = await openStream({
    log,
    bus: openMemoryBus(),
    memberships,
    clock,
    logger,
    installation: uuid,
  });
  return { scope: { ...scope, stream }, close: stream.close };
}
