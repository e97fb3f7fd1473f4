import { openExistingPostgres } from '../prisma/embedded-postgres.ts';
import type { Config } from './config.ts';

/**
 * The database as it is, whether a server works on it at this moment or not; nothing is migrated. Throws a StartError when there
 * are no data.
 */
export async function openData(
  { DATABASE_URL, DATA_DIR }: Config,
  onNotice: (notice: string) => void,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  if (DATABASE_URL !== undefined) return { url: DATABASE_URL, close: async () => undefined };
  return openExistingPostgres({ dataDir: DATA_DIR, onNotice });
}
