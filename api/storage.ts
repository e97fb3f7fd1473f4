import type { Logger } from 'pino';
import { openEmbeddedPostgres } from '../prisma/embedded-postgres.ts';
import { migrate } from '../prisma/migrate.ts';
import { type Database, openDatabase } from '../prisma/open-database.ts';
import { isWithin } from '../prisma/within.ts';
import type { Config } from './config.ts';

export type StorageOptions = {
  readonly logger: Logger;
  /** A sentence that whoever started the server should read. */
  readonly onNotice: (notice: string) => void;
  /** The embedded PostgreSQL ended although nobody asked it to: the server can only stop. */
  readonly onEnd: () => void;
};

export type Storage = Database & {
  /** Where the embedded PostgreSQL really keeps its data. */
  readonly dataDir: string | undefined;
  /** Whether it answers now. */
  isReady(): Promise<boolean>;
};

/** Whoever asks whether this server is ready asks again soon. */
const readyMs = 2_000;

/** Leaves room for `psql` and a backup among the connections of the embedded PostgreSQL. */
const poolSize = 20;

/**
 * The database, migrated: the one of DATABASE_URL, or the embedded one. Throws a StartError for what whoever runs the
 * server can solve. Closing it closes the connections, then the embedded PostgreSQL.
 */
export async function openStorage(config: Config, options: StorageOptions): Promise<Storage> {
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
    const answers = () => isWithin(database.pool.query('SELECT 1'), readyMs);
    return { ...database, dataDir: embedded?.dataDir, close, isReady: () => answers().catch(() => false) };
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}
