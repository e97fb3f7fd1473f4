import pg from 'pg';
import { databaseProblem } from '../database-problem.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { isStartError, startError } from '../start-error.ts';
import {
  type BackupHeader,
  type BackupRows,
  checkBackup,
  type OpenedBackup,
  readBackup,
} from './backup-file.ts';
import { columnsOf, countersOf, foreignKeysOf, nameOf, tablesOf } from './tables.ts';

export type LoadOptions = {
  /** The epoch of what the backup replaces, if that is known. */
  readonly replacedEpoch?: number;
  /** Sessions of the backup go on, instead of ending. */
  readonly areSessionsKept?: boolean;
  /** Called now and then with the number of rows so far. */
  readonly onRows?: (rows: number) => void;
  readonly signal?: AbortSignal;
};
export type Loaded = { readonly createdAt: string; readonly rows: number; readonly epoch: number };

/**
 * Puts a backup into a database without people, and brings it to the shape of this release. All rows, or none.
 *
 * The **epoch** rises, so that cursors of what came after the backup are refused their places, and is never given twice: it is the
 * time in seconds, or one more than the largest known. New ids begin at a million times the epoch, so that what was made after the
 * backup, and is lost, shares its id with nothing: a token for a lost session can never become somebody else's.
 *
 * Throws a StartError when the file is damaged or of a newer release, and when the database has people or other tables.
 */
export async function loadBackup(url: string, file: string, options: LoadOptions = {}): Promise<Loaded> {
  const backup = await readBackup(file);
  try {
    const only = await knownMigrations(backup.header, file);
    await checkBackup(file); // a damaged row would otherwise look like a problem of the database
    await refuseUsed(url);
    await migrate(url, { only });
    const epoch = nextEpoch([backup.header.epoch, options.replacedEpoch ?? 0]);
    const rows = await fill(url, backup, { ...options, epoch });
    await migrate(url);
    return { createdAt: backup.header.createdAt, rows, epoch };
  } catch (error) {
    throw isStartError(error) || options.signal?.aborted ? error : databaseProblem(error, url);
  } finally {
    await backup.close();
  }
}

/** Seconds are counted from here, so that they fit into 31 bits until 2094. */
const epochsBegin = Date.UTC(2026, 0, 1);

/** Above all of these; and, as time goes on, above those that were given elsewhere and are not known here. */
function nextEpoch(known: readonly number[]): number {
  const seconds = Math.floor((Date.now() - epochsBegin) / 1_000);
  return Math.max(seconds, ...known.map((epoch) => epoch + 1));
}

/** The names of the migrations of a backup; all of them must be ours. */
async function knownMigrations({ migrations }: BackupHeader, file: string): Promise<ReadonlySet<string>> {
  const ours = new Map((await readMigrations()).map(({ name, checksum }) => [name, checksum]));
  const unknown = migrations.find(({ name, checksum }) => ours.get(name) !== checksum);
  if (unknown === undefined) return new Set(migrations.map(({ name }) => name));
  throw startError(
    `${file} has migration ${unknown.name}, which this Parley does not know: restore it with the newer Parley that wrote it.`,
  );
}

/** Only an empty database, or one in which a server has started and nobody has signed up, is written to. */
async function refuseUsed(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const tables = await tablesOf(client);
    if (tables.length === 0) return;
    const isOurs = tables.includes('installation') && tables.includes('user_account');
    const { rows } = isOurs
      ? await client.query('SELECT 1 FROM user_account LIMIT 1')
      : { rows: [undefined] };
    if (rows.length === 0) return;
    throw startError(
      'The database of DATABASE_URL is not empty: make a new one and name it in DATABASE_URL; this one stays as it is.',
    );
  });
}

type Filling = LoadOptions & { readonly epoch: number };

/** One transaction: without its commit nothing has happened. */
function fill(url: string, backup: OpenedBackup, options: Filling): Promise<number> {
  return withClient(url, async (client) => {
    await client.query('BEGIN');
    const tables = await tablesOf(client);
    const foreignKeys = await foreignKeysOf(client);
    // Emptied in this transaction, a table needs no journal of what comes into it.
    await client.query(`TRUNCATE ${tables.map(nameOf).join(', ')}`);
    for (const { table, name } of foreignKeys)
      await client.query(`ALTER TABLE ${nameOf(table)} DROP CONSTRAINT ${nameOf(name)}`);
    for (const table of tables) await client.query(`ALTER TABLE ${nameOf(table)} DISABLE TRIGGER USER`);
    const rows = await copyRows(client, backup, options);
    for (const table of tables) await client.query(`ALTER TABLE ${nameOf(table)} ENABLE TRIGGER USER`);
    for (const { table, name, definition } of foreignKeys)
      await client.query(`ALTER TABLE ${nameOf(table)} ADD CONSTRAINT ${nameOf(name)} ${definition}`);
    await beginNewLife(client, options);
    options.signal?.throwIfAborted();
    await client.query('COMMIT');
    return rows;
  });
}

async function copyRows(
  client: pg.Client,
  backup: OpenedBackup,
  { onRows, signal }: Filling,
): Promise<number> {
  const insertInto = new Map<string, string>();
  let count = 0;
  for await (const { table, rows } of backup.rows()) {
    signal?.throwIfAborted();
    const insert = insertInto.get(table) ?? (await insertOf(client, table));
    insertInto.set(table, insert);
    await client.query({ name: `restore ${table}`, text: insert, values: [arrayOf(rows)] });
    count += rows.length;
    onRows?.(count);
  }
  return count;
}

const arrayOf = (rows: BackupRows['rows']) => `[${rows.join(',')}]`;

async function insertOf(client: pg.Client, table: string): Promise<string> {
  const columns = (await columnsOf(client, table)).map(nameOf).join(', ');
  return `INSERT INTO ${nameOf(table)} (${columns}) OVERRIDING SYSTEM VALUE
    SELECT ${columns} FROM json_populate_recordset(NULL::${nameOf(table)}, $1::json)`;
}

const idsPerEpoch = 1_000_000;

async function beginNewLife(client: pg.Client, { epoch, areSessionsKept }: Filling): Promise<void> {
  await client.query('UPDATE installation SET epoch = $1', [epoch]);
  // A session that was ended after the backup, or a refresh token that was used after it, must not come back to life.
  if (!areSessionsKept) await client.query('UPDATE session SET revoked_at = now() WHERE revoked_at IS NULL');
  for (const { sequence, table, column } of await countersOf(client)) {
    const largest = `(SELECT max(${nameOf(column)}) FROM ${nameOf(table)})`;
    await client.query(`SELECT setval($1, greatest($2::bigint, ${largest} + 1), false)`, [
      nameOf(sequence),
      epoch * idsPerEpoch,
    ]);
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'parley restore' });
  client.on('error', () => undefined); // the query under way fails with the same error
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined); // without a commit before, this rolls back
  }
}
