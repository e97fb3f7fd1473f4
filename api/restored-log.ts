import type { BackupHeader } from '../prisma/backup/backup-file.ts';
import { beginEpoch, readKeyspace } from '../prisma/cassandra-claim.ts';
import { connectCassandra } from '../prisma/open-cassandra.ts';
import { startError } from '../prisma/start-error.ts';
import { cassandraPlaceOf } from './cassandra-place.ts';
import type { Config } from './config.ts';

/** Messages that were restored in Cassandra, and wait for their database. */
export type RestoredLog = {
  /** The database is restored, too: both are of this epoch now, and servers may start. */
  begin(epoch: number): Promise<void>;
  close(): Promise<void>;
};

/**
 * The messages that belong to a backup; undefined when it holds them itself. Throws a StartError when they are not where the settings
 * say: a database with other messages than its own would show people what was never said to them.
 */
export async function openRestoredLog(
  config: Config,
  file: string,
  { log, installation }: BackupHeader,
): Promise<RestoredLog | undefined> {
  const place = cassandraPlaceOf(config);
  if (log === undefined && place === undefined) return undefined;
  if (log === undefined)
    throw startError(
      `${file} holds its messages itself: remove CASSANDRA_CONTACT_POINTS, as they go into PostgreSQL.`,
    );
  if (place === undefined)
    throw startError(
      `The messages of ${file} are in Cassandra: restore the snapshot that was made with it, and set CASSANDRA_CONTACT_POINTS and CASSANDRA_KEYSPACE.`,
    );
  const client = await connectCassandra(place);
  try {
    const found = await readKeyspace(client);
    if (found?.installation !== installation || found.backup !== log)
      throw startError(
        `The keyspace ${place.keyspace} of Cassandra does not have the messages of ${file}: restore the snapshot that was made right behind it, and name its keyspace in CASSANDRA_KEYSPACE. Nothing was changed.`,
      );
  } catch (error) {
    await client.shutdown();
    throw error;
  }
  return {
    begin: (epoch) => beginEpoch(client, { keyspace: place.keyspace, backup: log, epoch }),
    close: () => client.shutdown(),
  };
}
