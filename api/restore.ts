import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { type BackupHeader, readBackup } from '../prisma/backup/backup-file.ts';
import { type Loaded, type LoadOptions, loadBackup } from '../prisma/backup/load-backup.ts';
import { replaceDatabase } from '../prisma/backup/replace-database.ts';
import { openEmbeddedPostgres } from '../prisma/embedded-postgres.ts';
import { openDatabase } from '../prisma/open-database.ts';
import { type Command, progress, runCommand, wrongCall } from './command.ts';
import { openRestoredLog } from './restored-log.ts';
import { openServerLock } from './server-lock.ts';

const usage = `npm run restore -- <file> [--keep-sessions]

Puts back what \`npm run backup\` wrote. The server must not run. The data that are there now are replaced, all at once or not at
all. With DATABASE_URL the backup goes into that database, which must be a new one.
Messages that are in Cassandra come back by the snapshot that was made behind the backup, before this.

  --keep-sessions  nobody has to sign in again. For a move, when nothing happened after the backup: otherwise a device that was
                   signed out since then would be signed in again`;

const options = { 'keep-sessions': { type: 'boolean', default: false } } as const;

async function restore(command: Command): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw wrongCall('Name one file that `npm run backup` wrote.');
  const file = resolve(name);
  const areSessionsKept = values['keep-sessions'];
  const loaded = await restoreBoth(command, file, areSessionsKept);
  const sessions = areSessionsKept ? 'Sessions go on.' : 'Everybody has to sign in again.';
  const rows = loaded.rows.toLocaleString('en');
  command.say(`Restored ${rows} rows as they were at ${loaded.createdAt}. ${sessions}`);
}

/** The database, and what is said in it where the messages are. Killed in between, no server starts on one without the other. */
async function restoreBoth(command: Command, file: string, areSessionsKept: boolean): Promise<Loaded> {
  const { signal, tell, config } = command;
  const load = { areSessionsKept, signal, onRows: progress(tell, 'restored') };
  const log = await openRestoredLog(config, file, await headerOf(file)); // before anything is made or started for it
  try {
    const url = config.DATABASE_URL;
    const loaded =
      url === undefined ? await replaceEmbedded(command, file, load) : await fillOwn(url, file, load);
    await log?.begin(loaded.epoch);
    return loaded;
  } finally {
    await log?.close();
  }
}

async function headerOf(file: string): Promise<BackupHeader> {
  const backup = await readBackup(file);
  await backup.close();
  return backup.header;
}

async function replaceEmbedded({ config, tell }: Command, file: string, load: LoadOptions): Promise<Loaded> {
  const postgres = await openEmbeddedPostgres({ dataDir: config.DATA_DIR, onNotice: tell });
  try {
    return await replaceDatabase(postgres.url, ({ url, replacedEpoch }) =>
      loadBackup(url, file, { ...load, replacedEpoch }),
    );
  } finally {
    await postgres.close();
  }
}

/** The place of the one server is taken meanwhile, so that none starts on what is half there. */
async function fillOwn(url: string, file: string, load: LoadOptions): Promise<Loaded> {
  const database = await openDatabase(url, { poolSize: 1 });
  try {
    const lock = await openServerLock(database.pool, { logger: pino({ level: 'silent' }), isFleet: false });
    try {
      return await loadBackup(url, file, load);
    } finally {
      await lock.close();
    }
  } finally {
    await database.close();
  }
}

await runCommand(usage, restore);
