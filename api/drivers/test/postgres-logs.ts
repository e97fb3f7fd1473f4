import { type Database, openDatabase } from '../../../prisma/open-database.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import type { EventLog } from '../../../schema/ports/event-log.ts';
import { openPostgresEventLog } from '../event-log.postgres.ts';

export type PostgresLogs = {
  /** The next of the logs, in turn. */
  openLog(): Promise<EventLog>;
  /** Connections that no log uses. */
  readonly pool: Database['pool'];
  close(): Promise<void>;
};

/** One database, and as many logs on it as so many processes would have, each with a few connections of its own. */
export async function openPostgresLogs(processes: number, connections = 3): Promise<PostgresLogs> {
  const { url, close } = await openTestDatabase();
  const own = await openDatabase(url, { poolSize: 3 });
  const databases: Database[] = [];
  for (let opened = 0; opened < processes; opened += 1)
    databases.push(await openDatabase(url, { poolSize: connections }));
  const logs = await Promise.all(databases.map(({ pool }) => openPostgresEventLog({ pool })));
  let handedOut = 0;
  return {
    pool: own.pool,
    async openLog() {
      const log = logs[handedOut % logs.length];
      handedOut += 1;
      if (!log) throw new Error('No log was opened.');
      return log;
    },
    async close() {
      for (const log of logs) await log.close();
      for (const database of [...databases, own]) await database.close();
      await close();
    },
  };
}
