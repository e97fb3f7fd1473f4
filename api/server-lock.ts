import type pg from 'pg';
import type { Logger } from 'pino';
import { startError } from '../prisma/start-error.ts';
import { type Clock, systemClock } from '../schema/ports/clock.ts';

/** Any number that nothing else in this database locks; this one spells "parley" on a phone. */
const lockKey = 727539;

type LockSettings = {
  readonly logger: Logger;
  /** Whether this server shares the database with others that have the same Redis. */
  readonly isFleet: boolean;
  readonly clock?: Clock;
};

/** A PostgreSQL that restarts is back after a few of these, in milliseconds; nobody else is likely to start meanwhile. */
const retakeMs = 2_000;

/**
 * Takes a place on this database. Hints of a server without Redis travel inside it alone, so beside it any other would deliver late, by
 * polls only: one or the other must not start. Those with Redis may be many. PostgreSQL gives the place back when the connection
 * ends, however it ends; when it breaks, the place is taken again as soon as that is possible. Throws a StartError when there is no place.
 */
export async function openServerLock(
  pool: pg.Pool,
  { logger, isFleet, clock = systemClock }: LockSettings,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let retaking: Promise<void> | undefined;
  let place: Place | undefined;

  const onBroken = (err: Error) => {
    if (closing.signal.aborted || place === undefined) return;
    logger.warn({ err }, 'the connection that keeps the place of this server on its database broke');
    place = undefined;
    retaking = retake();
  };
  async function retake(): Promise<void> {
    while (place === undefined && !closing.signal.aborted) {
      try {
        place = await takePlace(pool, isFleet, onBroken);
        logger.info('this server has its place on its database again');
      } catch (err) {
        logger.warn({ err }, 'this server has no place on its database; it goes on and tries again');
        await clock.sleep(retakeMs, closing.signal);
      }
    }
  }

  place = await takePlace(pool, isFleet, onBroken);
  return {
    async close() {
      closing.abort();
      await retaking;
      place?.leave();
      place = undefined;
    },
  };
}

type Place = { leave(): void };

async function takePlace(pool: pg.Pool, isFleet: boolean, onBroken: (err: Error) => void): Promise<Place> {
  const client = await pool.connect();
  // Ending the connection gives the lock back; a pooled one would keep it. That the database may stop before it has heard of the
  // end is no loss worth a warning.
  // Once: one that breaks while it is asked fails twice, by its error and by its answer.
  let isHeld = true;
  const leave = () => {
    client.off('error', fail);
    if (isHeld) client.release(true);
    isHeld = false;
  };
  function fail(err: Error) {
    leave();
    onBroken(err);
  }
  client.on('error', fail);
  try {
    if (await take(client, isFleet ? 'shared' : 'alone')) return { leave };
    throw startError(await problemOf(client, isFleet));
  } catch (failure) {
    leave();
    throw failure;
  }
}

const statements = {
  alone: 'SELECT pg_try_advisory_lock($1) AS taken',
  shared: 'SELECT pg_try_advisory_lock_shared($1) AS taken',
} as const;

async function take(client: pg.PoolClient, how: keyof typeof statements): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(statements[how], [lockKey]);
  return rows[0]?.taken === true;
}

/** Why there is no place, and what to do. */
async function problemOf(client: pg.PoolClient, isFleet: boolean): Promise<string> {
  if (isFleet)
    return 'A Parley server without REDIS_URL works on this database: stop it, and start it again with the same REDIS_URL as this one.';
  // One that is there with others would let one more in.
  return (await take(client, 'shared'))
    ? 'Other Parley servers work on this database over Redis: stop them first, give this one the same REDIS_URL, or a DATABASE_URL of its own.'
    : 'Another Parley server works on this database: stop it first, or give this one a DATABASE_URL of its own. For several on one database, give all of them the same REDIS_URL.';
}
