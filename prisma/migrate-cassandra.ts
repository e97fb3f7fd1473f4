import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, types } from 'cassandra-driver';
import { packageRoot } from './package-root.ts';
import { startError } from './start-error.ts';

export type CassandraMigration = {
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
};

const ownFolder = join(packageRoot, 'prisma', 'cassandra');

/** Who holds the lock and dies gives it back after this long; who works on takes it anew before each statement. */
const lockSeconds = 60;
/** So long a start in a fleet waits for another one's migrations. */
const waitMs = 120_000;
const askAgainMs = 200;
/** All nodes have to agree on a new table. */
const readTimeout = 30_000;

const ownTables = {
  migration: 'name text PRIMARY KEY, checksum text, applied_at timestamp',
  migration_lock: 'name text PRIMARY KEY, owner uuid',
} as const;
const takeLock = `INSERT INTO migration_lock (name, owner) VALUES ('tables', ?) IF NOT EXISTS USING TTL ${lockSeconds}`;
const keepLock = `UPDATE migration_lock USING TTL ${lockSeconds} SET owner = ? WHERE name = 'tables' IF owner = ?`;
const dropLock = `DELETE FROM migration_lock WHERE name = 'tables' IF owner = ?`;

/**
 * Applies what is missing of `prisma/cassandra` in the keyspace of this client, in the order of the names, and returns those names.
 * Servers that start together take turns; killed at any moment, the next one goes on, as each statement can be repeated. Throws a
 * StartError when the keyspace has files that we do not know, or another text of one that we know.
 */
export async function migrateCassandra(client: Client, folder = ownFolder): Promise<string[]> {
  const migrations = await readCassandraMigrations(folder);
  for (const [name, columns] of Object.entries(ownTables))
    await client.execute(
      `CREATE TABLE IF NOT EXISTS ${name} (${columns}) WITH id = ${idOf(client.keyspace, name)}`,
      [],
      { readTimeout, prepare: false },
    );
  if ((await missing(client, migrations)).length === 0) return [];
  return withLock(client, async (keep) => {
    const applied: string[] = [];
    for (const migration of await missing(client, migrations)) {
      await apply(client, migration, keep);
      applied.push(migration.name);
    }
    return applied;
  });
}

/**
 * Cassandra gives a table an id, and two servers that make one at the same moment give it two. There is no lock yet to take turns by,
 * so the id follows from the name.
 */
function idOf(keyspace: string, table: string): string {
  const hex = createHash('sha256').update(`${keyspace}.${table}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** Every file of this release, in order. */
export async function readCassandraMigrations(folder = ownFolder): Promise<CassandraMigration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const cql = await readFile(join(folder, name), 'utf8');
      return {
        name,
        checksum: createHash('sha256').update(cql).digest('hex'),
        statements: statementsOf(cql),
      };
    }),
  );
}

/** A comment has lines of its own, and a statement ends with its line. */
const statementsOf = (cql: string): string[] =>
  cql
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

/** Those that the keyspace does not have. Throws if it has others, or different ones. */
async function missing(
  client: Client,
  migrations: readonly CassandraMigration[],
): Promise<CassandraMigration[]> {
  const { rows } = await ask(client, 'SELECT name, checksum FROM migration', []);
  for (const row of rows) {
    const known = migrations.find(({ name }) => name === row.name);
    if (!known)
      throw startError(
        `Cassandra has migration ${row.name}, which this Parley does not know: start the newer Parley that applied it.`,
      );
    if (known.checksum !== row.checksum)
      throw startError(
        `Migration ${row.name} is not the one that Cassandra had applied: restore its file, or take another CASSANDRA_KEYSPACE.`,
      );
  }
  const names = new Set(rows.map(({ name }) => name));
  return migrations.filter(({ name }) => !names.has(name));
}

async function apply(client: Client, migration: CassandraMigration, keep: () => Promise<void>) {
  const { name, checksum, statements } = migration;
  for (const statement of statements) {
    await keep();
    try {
      await client.execute(statement, [], { readTimeout, prepare: false });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw startError(
        `Migration ${name} failed half way (${reason}): the next start begins it again, or take another CASSANDRA_KEYSPACE.`,
        error,
      );
    }
  }
  const values = [name, checksum, new Date()];
  await ask(client, 'INSERT INTO migration (name, checksum, applied_at) VALUES (?, ?, ?)', values);
}

/** `use` is given what keeps the lock, and throws when somebody else has it. */
async function withLock<T>(client: Client, use: (keep: () => Promise<void>) => Promise<T>): Promise<T> {
  const owner = types.Uuid.fromString(randomUUID());
  const deadline = Date.now() + waitMs;
  while (!isApplied(await ask(client, takeLock, [owner]))) {
    if (Date.now() > deadline)
      throw startError(
        'Another server has been preparing Cassandra for two minutes: start again when it is done.',
      );
    await pause(askAgainMs);
  }
  const keep = async () => {
    if (!isApplied(await ask(client, keepLock, [owner, owner])))
      throw startError('Another server prepares Cassandra, as this one took too long: start again.');
  };
  try {
    return await use(keep);
  } finally {
    await ask(client, dropLock, [owner]).catch(() => undefined); // it ends by itself
  }
}

const isApplied = ({ rows }: types.ResultSet) => rows[0]?.['[applied]'] === true;

const ask = (client: Client, statement: string, values: readonly unknown[]) =>
  client.execute(statement, [...values], {
    ...{ prepare: true, readTimeout, consistency: types.consistencies.localQuorum },
    serialConsistency: types.consistencies.localSerial,
  });
