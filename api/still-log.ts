import pino from 'pino';
import { markBackup } from '../prisma/cassandra-claim.ts';
import { checkLogHome, readInstallation } from '../prisma/log-home.ts';
import { connectCassandra } from '../prisma/open-cassandra.ts';
import { type Database, openDatabase } from '../prisma/open-database.ts';
import { isStartError, startError } from '../prisma/start-error.ts';
import { cassandraPlaceOf } from './cassandra-place.ts';
import type { Config } from './config.ts';
import { openServerLock } from './server-lock.ts';

/** One to keep the place of the one server, one to ask. */
const poolSize = 2;

/**
 * For a backup of this database. `use` gets the mark that the messages have when they are in Cassandra; then no server may run, and
 * none starts meanwhile: what is in the file has to be of the same moment as what is copied there. Throws a StartError when one runs,
 * or the messages are not where the settings say.
 */
export async function withStillLog<T>(
  config: Config,
  url: string,
  use: (mark: string | undefined) => Promise<T>,
): Promise<T> {
  const place = cassandraPlaceOf(config);
  const database = await openDatabase(url, { poolSize });
  try {
    await checkLogHome(database.pool, place ? 'Cassandra' : 'PostgreSQL');
    if (place === undefined) return await use(undefined);
    const lock = await takeOnlyPlace(database);
    const client = await connectCassandra(place).catch(async (error: unknown) => {
      await lock.close();
      throw error;
    });
    try {
      const installation = await readInstallation(database.pool);
      return await use(await markBackup(client, { keyspace: place.keyspace, ...installation }));
    } finally {
      await client.shutdown();
      await lock.close();
    }
  } finally {
    await database.close();
  }
}

async function takeOnlyPlace({ pool }: Database) {
  try {
    return await openServerLock(pool, { logger: pino({ level: 'silent' }), isFleet: false });
  } catch (error) {
    if (!isStartError(error)) throw error;
    throw startError(
      'The messages are in Cassandra, and servers run: stop all of them until the backup and the snapshot of Cassandra are made, so that both are of the same moment.',
      error,
    );
  }
}
