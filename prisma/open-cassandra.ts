import { setTimeout as pause } from 'node:timers/promises';
import { Client, errors, policies, types } from 'cassandra-driver';
import { migrateCassandra } from './migrate-cassandra.ts';
import { isStartError, type StartError, startError } from './start-error.ts';

export type CassandraSettings = {
  /** Some nodes to begin with, as host and port. */
  readonly contactPoints: readonly string[];
  readonly datacenter: string;
  readonly keyspace: string;
  /** Whose keyspace it is: the `uuid` of the installation in SQL. */
  readonly installation: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
};

export type CassandraOptions = {
  /** A sentence that whoever runs the server should read. */
  readonly onNotice?: (notice: string) => void;
};

export type Cassandra = {
  readonly client: Client;
  /** What was applied now. */
  readonly applied: readonly string[];
  close(): Promise<void>;
};

/** As many copies as a keyspace gets that is made here: a majority of three survives the loss of one. */
const mostReplicas = 3;
const connectMs = 10_000;
const readTimeout = 10_000;
/** A keyspace that is being made is there within ten seconds. */
const [mostAttempts, askAgainMs] = [40, 250];
/** A node that is back is noticed after some seconds, however long it was gone. */
const reconnectMs = { first: 250, most: 5_000 } as const;

/**
 * A client of a keyspace that has all tables; one that is not there is made. Throws a StartError for what whoever runs the server
 * can solve.
 */
export async function openCassandra(
  settings: CassandraSettings,
  { onNotice = () => undefined }: CassandraOptions = {},
): Promise<Cassandra> {
  try {
    await withClient(newClient(settings), async (client) => {
      await makeKeyspace(client, settings, onNotice);
      await checkDurability(client, onNotice);
    });
    const client = await connectTo(settings);
    try {
      const applied = await migrateCassandra(client);
      await claim(client, settings);
      return { client, applied, close: () => client.shutdown() };
    } catch (error) {
      await client.shutdown();
      throw error;
    }
  } catch (error) {
    throw isStartError(error) ? error : problemOf(error, settings);
  }
}

/** Statements name their own consistency and patience; what they do not say is here. */
const newClient = ({ contactPoints, datacenter, username, password }: CassandraSettings, keyspace?: string) =>
  new Client({
    contactPoints: [...contactPoints],
    localDataCenter: datacenter,
    ...(keyspace !== undefined && { keyspace }),
    ...(username !== undefined && { credentials: { username, password: password ?? '' } }),
    encoding: { useBigIntAsLong: true },
    queryOptions: { consistency: types.consistencies.localQuorum, prepare: true },
    socketOptions: { connectTimeout: connectMs },
    policies: {
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        reconnectMs.first,
        reconnectMs.most,
        false,
      ),
    },
  });

/** Somebody else may be making the keyspace right now: its name is there a moment before it is. */
async function connectTo(settings: CassandraSettings): Promise<Client> {
  for (let attempt = 1; ; attempt += 1) {
    const client = newClient(settings, settings.keyspace);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.shutdown();
      if (attempt === mostAttempts || !isOfKeyspace(error)) throw error;
    }
    await pause(askAgainMs);
  }
}

const isOfKeyspace = (error: unknown) =>
  error instanceof Error && /^Keyspace .* does not exist$/.test(error.message);

async function withClient(client: Client, use: (client: Client) => Promise<void>): Promise<void> {
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.shutdown();
  }
}

async function makeKeyspace(
  client: Client,
  { keyspace, datacenter }: CassandraSettings,
  onNotice: (notice: string) => void,
): Promise<void> {
  const found = await client.execute(
    'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?',
    [keyspace],
    { readTimeout, consistency: types.consistencies.localOne },
  );
  if (found.rows.length > 0) return;
  const nodes = client.hosts.values().filter((host) => host.datacenter === datacenter).length;
  const replicas = Math.max(1, Math.min(mostReplicas, nodes));
  await client.execute(
    `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication =
      {'class': 'NetworkTopologyStrategy', '${datacenter.replaceAll("'", "''")}': ${replicas}}`,
    [],
    { readTimeout, prepare: false },
  );
  onNotice(
    `The keyspace ${keyspace} was made, with ${replicas} ${replicas === 1 ? 'copy' : 'copies'} of everything.`,
  );
}

/** The first installation that comes has it for ever: in another one's events the same channels are other people's. */
async function claim(client: Client, { keyspace, installation }: CassandraSettings): Promise<void> {
  const uuid = types.Uuid.fromString(installation);
  const { rows } = await client.execute(
    'INSERT INTO installation (id, uuid) VALUES (1, ?) IF NOT EXISTS',
    [uuid],
    { readTimeout, serialConsistency: types.consistencies.localSerial },
  );
  const [row] = rows;
  if (row?.['[applied]'] === true || uuid.equals(row?.uuid)) return;
  throw startError(
    `The keyspace ${keyspace} of Cassandra belongs to another installation: take another CASSANDRA_KEYSPACE, or the right database.`,
  );
}

/** Nodes are usually configured alike: the one that is asked speaks for all. */
async function checkDurability(client: Client, onNotice: (notice: string) => void): Promise<void> {
  const { rows } = await client.execute(
    "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'",
    [],
    { readTimeout, prepare: false, consistency: types.consistencies.localOne },
  );
  if (rows[0]?.value === 'periodic')
    onNotice(
      'Cassandra writes its commit log to disk only now and then (commitlog_sync: periodic): where all copies lose power at once, acknowledged messages are lost. Set it to batch.',
    );
}

const isOfSignIn = (error: unknown) =>
  error instanceof errors.AuthenticationError ||
  (error instanceof errors.ResponseError && error.code === types.responseErrorCodes.badCredentials);

function problemOf(error: unknown, { contactPoints, datacenter }: CassandraSettings): StartError {
  const inner = error instanceof errors.NoHostAvailableError ? Object.values(error.innerErrors) : [];
  const all = [...inner, error];
  if (all.some(isOfSignIn))
    return startError('Cassandra refuses this user: set CASSANDRA_USERNAME and CASSANDRA_PASSWORD.', error);
  if (all.some((one) => one instanceof errors.ArgumentError && one.message.startsWith('localDataCenter')))
    return startError(`Cassandra has no datacenter ${datacenter}: set CASSANDRA_DATACENTER.`, error);
  const detail = all.find((one): one is Error => one instanceof Error)?.message ?? String(error);
  return startError(
    `Cassandra cannot be used at ${contactPoints.join(', ')} (${detail}): start it, or correct CASSANDRA_CONTACT_POINTS.`,
    error,
  );
}
