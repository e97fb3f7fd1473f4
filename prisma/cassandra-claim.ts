import { randomUUID } from 'node:crypto';
import { type Client, errors, types } from 'cassandra-driver';
import { startError } from './start-error.ts';

/** Whose a keyspace is, and of which epoch. */
export type Claim = {
  readonly keyspace: string;
  /** The `uuid` of the installation in SQL. */
  readonly installation: string;
  /** The epoch in SQL, which a restore raises; absent: the first one. */
  readonly epoch?: number;
};

/** What a keyspace says of itself. */
export type KeyspaceState = {
  readonly installation: string;
  readonly epoch: number;
  /** The mark of the backup of SQL since which no server has started here; undefined when one has. */
  readonly backup: string | undefined;
};

const readTimeout = 10_000;

const ask = async (client: Client, statement: string, values: readonly unknown[]) => {
  const { localQuorum, localSerial } = types.consistencies;
  const options = { prepare: true, readTimeout, consistency: localQuorum, serialConsistency: localSerial };
  return (await client.execute(statement, [...values], options)).rows[0];
};

const stateIn = (row: types.Row): KeyspaceState => ({
  installation: String(row.uuid),
  epoch: row.epoch,
  backup: row.backup ? String(row.backup) : undefined,
});

/**
 * For a server that is about to write. The first installation that comes has the keyspace for ever: in another one's events the same
 * channels are other people's. Both stores must be of one epoch: of a database that was taken back alone, the log has memberships
 * that it does not know, and would take what happens next for something that has happened. A backup is not whole any more from now on.
 */
export async function claimKeyspace(client: Client, claim: Claim): Promise<void> {
  const { keyspace, installation, epoch = 1 } = claim;
  const uuid = types.Uuid.fromString(installation);
  const row = await ask(client, 'INSERT INTO installation (id, uuid, epoch) VALUES (1, ?, ?) IF NOT EXISTS', [
    uuid,
    epoch,
  ]);
  if (row === undefined || row['[applied]'] === true) return;
  const state = stateIn(row);
  if (state.installation !== installation)
    throw startError(
      `The keyspace ${keyspace} of Cassandra belongs to another installation: take another CASSANDRA_KEYSPACE, or the right database.`,
    );
  if (state.epoch !== epoch)
    throw startError(
      `The database is of epoch ${epoch}, and the messages in the keyspace ${keyspace} of Cassandra are of epoch ${state.epoch}: restore both from the same backup, or take the keyspace that belongs to this database.`,
    );
  if (state.backup !== undefined)
    await ask(client, 'UPDATE installation SET backup = null WHERE id = 1 IF EXISTS', []);
}

/** What the keyspace says of itself; undefined when no server ever wrote there. */
export async function readKeyspace(client: Client): Promise<KeyspaceState | undefined> {
  try {
    const row = await ask(client, 'SELECT uuid, epoch, backup FROM installation WHERE id = 1', []);
    return row && stateIn(row);
  } catch (error) {
    if (error instanceof errors.ResponseError && error.code === types.responseErrorCodes.invalid)
      return undefined; // no such table
    throw error;
  }
}

/**
 * For a backup of SQL, while no server runs: what is copied of the keyspace from now on belongs to it, until a server starts. Returns
 * what to know it by.
 */
export async function markBackup(client: Client, claim: Claim): Promise<string> {
  const { keyspace, installation, epoch = 1 } = claim;
  const mark = randomUUID();
  const values = [types.Uuid.fromString(mark), types.Uuid.fromString(installation), epoch];
  const row = await ask(
    client,
    'UPDATE installation SET backup = ? WHERE id = 1 IF uuid = ? AND epoch = ?',
    values,
  );
  if (row?.['[applied]'] === true) return mark;
  throw startError(
    `The keyspace ${keyspace} of Cassandra does not have the messages of this database: correct CASSANDRA_KEYSPACE.`,
  );
}

/** The keyspace belongs to a database that was restored with it: servers may start there. */
export async function beginEpoch(
  client: Client,
  { keyspace, backup, epoch }: { readonly keyspace: string; readonly backup: string; readonly epoch: number },
): Promise<void> {
  const values = [epoch, types.Uuid.fromString(backup)];
  const row = await ask(
    client,
    'UPDATE installation SET epoch = ?, backup = null WHERE id = 1 IF backup = ?',
    values,
  );
  if (row?.['[applied]'] === true) return;
  throw startError(
    `A server has started on the keyspace ${keyspace} of Cassandra meanwhile: stop it, and restore both again.`,
  );
}
