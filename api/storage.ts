import type { Logger } from 'pino';
import { openEmbeddedPostgres } from '../prisma/embedded-postgres.ts';
import { migrate } from '../prisma/migrate.ts';
import { type Database, openDatabase } from '../prisma/open-database.ts';
import type { Config } from './config.ts';

export type StorageOptions = {
  readonly logger: Logger;
  /** A sentence that whoever started the server should read. */
  readonly onNotice: (notice: string) => void;
  /** The embedded PostgreSQL ended although nobody asked it to: the server can only stop. */
  readonly onEnd: () => void;
};

/** Leaves room for `psql` and a backup among the connections of the embedded PostgreSQL. */
const poolSize = 20;

/**
 * The database, migrated: the one of DATABASE_URL, or the embedded one. Throws a StartError for what whoever runs the
 * server can solve. Closing it closes the connections, then the embedded PostgreSQL.
 */
export async function openStorage(config: Config, options: StorageOptions): Promise<Database> {
  const { logger, onNotice, onEnd } = options;
  const embedded =
    config.DATABASE_URL === undefined
      ? await openEmbeddedPostgres({
          dataDir: config.DATA_DIR,
          onNotice,
          onEnd,
          onLog: (line) => logger.debug({ postgres: line }, 'PostgreSQL'),
        })
      : undefined;
  try {
    const url = embedded?.url ?? config.DATABASE_URL ?? '';
    const applied = await migrate(url);
    if (applied.length > 0) logger.info({ applied }, 'database migrated');
    const onConnectionError = (err: Error) => logger.warn({ err }, 'database connection lost');
    const database = await openDatabase(url, { poolSize, onConnectionError });
    const close = async () => {
      await database.close();
      await embedded?.close();
    };
    return { ...database, close };
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}
