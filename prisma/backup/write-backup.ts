import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { databaseProblem } from '../database-problem.ts';
import { migrationLockKey } from '../migrate.ts';
import { codeOf, isStartError, startError } from '../start-error.ts';
import { type BackupHeader, backupFormat, endLine } from './backup-file.ts';
import { columnsOf, nameOf, tablesOf } from './tables.ts';

export type BackupOptions = {
  /** Whether a file of this name may be replaced. */
  readonly isForced?: boolean;
  /** The mark of the keyspace of Cassandra that has the messages, when they are not in this database. */
  readonly log?: string | undefined;
  /** Called now and then with the number of rows so far. */
  readonly onRows?: (rows: number) => void;
  /** Gives up, and leaves no file. */
  readonly signal?: AbortSignal;
};
export type Backup = { readonly rows: number; readonly bytes: number };

/**
 * Writes everything that a database of Parley holds, as of one moment, into a file that only its owner may read: signing keys
 * and what people wrote are in it. A server may go on working meanwhile; only a migration waits. The file has its name when it
 * is complete and on disk, never before.
 *
 * Throws a StartError when the file is there already, the disk is full, or the database cannot be read.
 */
export async function writeBackup(url: string, file: string, options: BackupOptions = {}): Promise<Backup> {
  if (!options.isForced) await refuseExisting(file);
  const unfinished = `${file}.${randomBytes(4).toString('hex')}.unfinished`;
  const handle = await open(unfinished, 'wx', 0o600).catch((error: unknown) => {
    throw fileProblem(file, error);
  });
  try {
    const rows = await fill(handle, url, options);
    if (!options.isForced) await refuseExisting(file);
    await rename(unfinished, file);
    await syncFolderOf(file);
    return { rows, bytes: (await stat(file)).size };
  } catch (error) {
    await rm(unfinished, { force: true });
    if (isStartError(error) || options.signal?.aborted) throw error;
    throw isOfDisk(error) ? fileProblem(file, error) : databaseProblem(error, url);
  }
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw startError(`${file} is there already: name another file, or replace it with --force.`);
}

const isOfDisk = (error: unknown) => /^(ENOSPC|EDQUOT|EFBIG|EIO|EROFS)$/.test(codeOf(error) ?? '');

function fileProblem(file: string, error: unknown) {
  const code = codeOf(error) ?? String(error);
  const advice = /^(ENOSPC|EDQUOT)$/.test(code)
    ? 'the disk is full: free some space, or name a file on another disk'
    : `${code}: name a file in a folder that is there and can be written`;
  return startError(`${file} cannot be written: ${advice}.`, error);
}

async function fill(handle: FileHandle, url: string, options: BackupOptions): Promise<number> {
  const { signal, onRows, log } = options;
  const client = new pg.Client({ connectionString: url, application_name: 'parley backup' });
  client.on('error', () => undefined); // the query under way fails with the same error
  const counted = { rows: 0, onRows, log };
  try {
    await client.connect();
    const to = async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) await handle.appendFile(chunk);
    };
    const from = Readable.from(linesOf(client, counted), { objectMode: true, highWaterMark: 1 });
    await pipeline(from, createGzip(), to, signal === undefined ? {} : { signal });
    await handle.sync();
    return counted.rows;
  } finally {
    await handle.close();
    await client.end().catch(() => undefined);
  }
}

const fetchRows = 500;
/** A server that is just migrating is done by then. */
const migrationWaitMs = 60_000;

type Counted = Pick<BackupOptions, 'onRows' | 'log'> & { rows: number };

/** The whole file as text, piece by piece. One transaction, so all of it is of one moment. */
async function* linesOf(client: pg.Client, counted: Counted): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const hashed = (text: string) => {
    hash.update(text);
    return text;
  };
  await client.query(`SET lock_timeout = ${migrationWaitMs}`);
  await client.query('SELECT pg_advisory_lock_shared($1)', [migrationLockKey]);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  yield hashed(`${JSON.stringify(await headerOf(client, counted))}\n`);
  for (const table of await tablesOf(client)) {
    yield hashed(`${JSON.stringify(table)}\n`);
    const columns = (await columnsOf(client, table)).map(nameOf);
    const row = `SELECT to_jsonb(r)::text AS row FROM (SELECT ${columns.join(', ')} FROM ${nameOf(table)}) r`;
    await client.query(`DECLARE rows NO SCROLL CURSOR FOR ${row}`);
    for (let rows = await fetch(client); rows.length > 0; rows = await fetch(client)) {
      counted.rows += rows.length;
      counted.onRows?.(counted.rows);
      yield hashed(rows.map((text) => `${text}\n`).join(''));
    }
    await client.query('CLOSE rows');
  }
  await client.query('COMMIT');
  yield `${endLine(counted.rows, hash.digest('hex'))}\n`;
}

async function fetch(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>(`FETCH ${fetchRows} FROM rows`);
  return rows.map(({ row }) => row);
}

async function headerOf(client: pg.Client, { log }: Counted): Promise<BackupHeader> {
  const found = await client.query("SELECT to_regclass('installation') IS NOT NULL AS exists");
  const { rows } = found.rows[0]?.exists
    ? await client.query<{ uuid: string; epoch: number }>('SELECT uuid, epoch FROM installation')
    : { rows: [] };
  const [installation] = rows;
  if (!installation) throw startError('This database holds no data of Parley: there is nothing to back up.');
  const { rows: migrations } = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
     WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL ORDER BY started_at, migration_name`,
  );
  return {
    parley: 'backup',
    format: backupFormat,
    createdAt: new Date().toISOString(),
    installation: installation.uuid,
    epoch: installation.epoch,
    ...(log !== undefined && { log }),
    migrations,
  };
}

async function syncFolderOf(file: string): Promise<void> {
  const folder = await open(dirname(file));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
