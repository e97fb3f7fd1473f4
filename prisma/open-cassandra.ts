import { setTimeout as pause } from 'node:timers/promises';
import { Client, errors, policies, types } from 'cassandra-driver';
import { type Claim, claimKeyspace } from './cassandra-claim.ts';
import { makeKeyspace } from './cassandra-keyspace.ts';
import { migrateCassandra } from './migrate-cassandra.ts';
import { isStartError, type StartError, startError } from './start-error.ts';

/** Where Cassandra is, and who asks. */
export type CassandraPlace = {
  /** Some nodes to begin with, as host and port. */
  readonly contactPoints: readonly string[];
  readonly datacenter: string;
  readonly keyspace: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
};
export type CassandraSettings = CassandraPlace & Claim;

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
      await claimKeyspace(client, settings);
      return { client, applied, close: () => client.shutdown() };
    } catch (error) {
      await client.shutdown();
      throw error;
    }
  } catch (error) {
    throw isStartError(error) ? error : problemOf(error, settings);
  }
}

/** A client of a keyspace that is there, as it is: nothing is made, changed or claimed. Throws a StartError where there is none. */
export async function connectCassandra(place: CassandraPlace): Promise<Client> {
  try {
    return await connectTo(place);
  } catch (error) {
    throw problemOf(error, place);
  }
}

/** Statements name their own consistency and patience; what they do not say is here. */
const newClient = ({ contactPoints, datacenter, username, password }: CassandraPlace, keyspace?: string) =>
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
async function connectTo(settings: CassandraPlace): Promise<Client> {
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

/** Nodes are usually configured alike: the one that is asked speaks for all. */
async function checkDurability(client: Client, onNotice: (notice: string) => void): Promise<void> {
  const asked = client.execute("SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'", [], {
    readTimeout,
    prepare: false,
    consistency: types.consistencies.localOne,
  });
  const found = await asked.catch((error: unknown) => {
    if (isOfRights(error)) return undefined; // it needs no rights but those on its keyspace
    throw error;
  });
  if (found === undefined)
    onNotice(
      'This user may not see how Cassandra writes its commit log: see to it that commitlog_sync is batch, or grant it SELECT on system_views.settings.',
    );
  if (found?.rows[0]?.value === 'periodic')
    onNotice(
      'Cassandra writes its commit log to disk only now and then (commitlog_sync: periodic): where all copies lose power at once, acknowledged messages are lost. Set it to batch.',
    );
}

const isOfRights = (error: unknown): error is Error =>
  error instanceof errors.ResponseError && error.code === types.responseErrorCodes.unauthorized;

const isOfSignIn = (error: unknown) =>
  error instanceof errors.AuthenticationError ||
  (error instanceof errors.ResponseError && error.code === types.responseErrorCodes.badCredentials);

function problemOf(error: unknown, { contactPoints, datacenter, keyspace }: CassandraPlace): StartError {
  const inner = error instanceof errors.NoHostAvailableError ? Object.values(error.innerErrors) : [];
  const all = [...inner, error];
  if (all.some(isOfSignIn))
    return startError('Cassandra refuses this user: set CASSANDRA_USERNAME and CASSANDRA_PASSWORD.', error);
  if (all.some((one) => one instanceof errors.ArgumentError && one.message.startsWith('localDataCenter')))
    return startError(`Cassandra has no datacenter ${datacenter}: set CASSANDRA_DATACENTER.`, error);
  const ofRights = all.find(isOfRights);
  if (ofRights)
    return startError(
      `Cassandra does not let this user do what is needed (${ofRights.message}): grant it all permissions on the keyspace ${keyspace}.`,
      error,
    );
  if (isOfKeyspace(error))
    return startError(`Cassandra has no keyspace ${keyspace}: correct CASSANDRA_KEYSPACE.`, error);
  const detail = all.find((one): one is Error => one instanceof Error)?.message ?? String(error);
  return startError(
    `Cassandra cannot be used at ${contactPoints.join(', ')} (${detail}): start it, or correct CASSANDRA_CONTACT_POINTS.`,
    error,
  );
}
