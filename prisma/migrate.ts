import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { databaseProblem } from './database-problem.ts';
import { packageRoot } from './package-root.ts';
import { isStartError, startError } from './start-error.ts';

export type Migration = { readonly name: string; readonly sql: string; readonly checksum: string };

const ownMigrations = join(packageRoot, 'prisma', 'migrations');

/** Older ones lack what our SQL uses. */
const oldestMajor = 15;
/** A start in a fleet waits for another one's migrations at most this long. */
const lockTimeoutMs = 60_000;
const connectTimeoutMs = 10_000;
/** The lock that Prisma's own `migrate deploy` takes; whoever shares it keeps the shape of the tables as it is. */
export const migrationLockKey = 72_707_369;

export type MigrateOptions = {
  readonly directory?: string;
  /** Only those of these names: a database as an earlier release made it. Absent: all. */
  readonly only?: ReadonlySet<string>;
};

/**
 * Applies what is missing of `prisma/migrations`, in the order of the names, and returns those names. Each migration and
 * the row that remembers it are one transaction: killed at any moment, it happened or it did not. Servers that start
 * together take turns. The rows are those of Prisma's own `migrate deploy`, which may be used instead.
 *
 * Throws a StartError when the database cannot be reached, is too old, or has migrations that we do not know.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const { only } = options;
  const all = await readMigrations(options.directory);
  const migrations = only === undefined ? all : all.filter(({ name }) => only.has(name));
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => undefined); // the query under way fails with the same error
  try {
    await client.connect();
    await checkVersion(client);
    if ((await missing(client, migrations)).length === 0) return [];
    await lock(client);
    return await apply(client, await missing(client, migrations));
  } catch (error) {
    throw isStartError(error) ? error : databaseProblem(error, url);
  } finally {
    await client.end().catch(() => undefined); // ends the lock, too; a connection that is gone has ended it already
  }
}

/** Every migration of this release, in order. */
export async function readMigrations(directory = ownMigrations): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function checkVersion(client: pg.Client) {
  const { rows } = await client.query("SELECT current_setting('server_version') AS version");
  const version = String(rows[0]?.version);
  if (Number.parseInt(version, 10) >= oldestMajor) return;
  throw startError(`This is PostgreSQL ${version}, and Parley needs ${oldestMajor} or newer: upgrade it.`);
}

async function lock(client: pg.Client) {
  await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
  await client.query('SELECT pg_advisory_lock($1)', [migrationLockKey]);
  await client.query('SET lock_timeout = 0');
}

/** Those that the database does not have. Throws if it has others, or failed or different ones. */
async function missing(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await appliedMigrations(client);
  for (const row of applied) {
    const known = migrations.find(({ name }) => name === row.name);
    if (!row.isFinished) {
      throw startError(`Migration ${row.name} failed half way: see Prisma's "migrate resolve".`);
    }
    if (!known) {
      throw startError(
        `The database has migration ${row.name}, which this Parley does not know: start the newer Parley that applied it, or restore an older backup.`,
      );
    }
    if (known.checksum !== row.checksum) {
      throw startError(
        `Migration ${row.name} is not the one that the database had applied: restore its file, or start on a new database.`,
      );
    }
  }
  const names = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !names.has(name));
}

type Applied = { readonly name: string; readonly checksum: string; readonly isFinished: boolean };

async function appliedMigrations(client: pg.Client): Promise<Applied[]> {
  const found = await client.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists");
  if (!found.rows[0]?.exists) return [];
  const { rows } = await client.query<Applied>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished"
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

/** As Prisma makes it. */
const createTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

const remember = `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
  VALUES ($1, $2, $3, clock_timestamp(), 1)`;

async function apply(client: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
  await client.query(createTable);
  for (const { name, sql, checksum } of migrations) {
    try {
      await client.query('BEGIN');
      await client.query(sql);
      await client.query(remember, [randomUUID(), checksum, name]);
      await client.query('COMMIT');
    } catch (error) {
      // Closing the connection rolls it back.
      const reason = error instanceof Error ? error.message : String(error);
      throw startError(
        `Migration ${name} failed and changed nothing (${reason}): make room for it, or start on an empty database.`,
        error,
      );
    }
  }
  return migrations.map(({ name }) => name);
}
