import type { Database } from '../../prisma/open-database.ts';
import { incomingId, rowIdOf, type UserId } from '../../schema/ids.ts';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import { type Clock, systemClock } from '../../schema/ports/clock.ts';
import type { Role } from '../../schema/stream/event.ts';
import { openStream } from '../../schema/stream/open-stream.ts';
import { openWorld as openProductWorld, type Person, type WorldOptions } from '../../schema/test/world.ts';
import { openPostgresContacts } from '../drivers/contacts.postgres.ts';
import { openPostgresEventLog } from '../drivers/event-log.postgres.ts';
import { openPostgresMemberships } from '../drivers/memberships.postgres.ts';
import { openPostgresPositions } from '../drivers/positions.postgres.ts';

type Options = Omit<WorldOptions, 'openRows' | 'openLog'> & {
  /** Where events are kept: in memory, which is quick and cannot fail, or as a server keeps them. */
  readonly log?: 'memory' | 'postgres';
};

export const openPostgresRows = async ({ pool }: Pick<Database, 'pool'>) => ({
  memberships: await openPostgresMemberships({ pool }),
  positions: await openPostgresPositions({ pool }),
  contacts: await openPostgresContacts({ pool }),
});

/** A product of its own whose channels have members, in a real database. To be closed at the end of the test. */
export function openWorld({ log = 'memory', ...options }: Options = {}) {
  return openProductWorld({
    ...options,
    openRows: openPostgresRows,
    ...(log === 'postgres' && { openLog: ({ pool }: Database) => openPostgresEventLog({ pool }) }),
  });
}
export type World = Awaited<ReturnType<typeof openWorld>>;

/** Gives somebody a role behind everybody's back: also one that no operation would give them. */
export async function giveRole(
  { product: { prisma } }: World,
  where: { readonly channelId: string; readonly userId: UserId },
  role: Role,
): Promise<void> {
  const channelId = rowIdOf.channel(incomingId(where.channelId));
  await prisma.$transaction(async (tx) => {
    // As every change of members locks it: roles are given side by side, and the owners counted after each.
    await tx.$queryRaw`SELECT id FROM channel WHERE id = ${channelId} FOR NO KEY UPDATE`;
    await tx.member.updateMany({ where: { channelId, userId: rowIdOf.user(where.userId) }, data: { role } });
    const ownerCount = await tx.member.count({ where: { channelId, state: 'ACTIVE', role: 'OWNER' } });
    await tx.channel.update({ where: { id: channelId }, data: { ownerCount } });
  });
}

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
  const log = await openPostgresEventLog({ pool });
  const rows = await openPostgresRows({ pool });
  const { uuid } = await product.prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const { clock, logger } = product;
  const bus = openMemoryBus();
  const stream = await openStream({ ...rows, log, bus, clock, logger, installation: uuid });
  return { scope: { ...scope, stream }, close: stream.close };
}
