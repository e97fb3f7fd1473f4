import {
  assertSchemaCompatibility,
  type BackendFactory,
  LATEST_SCHEMA_VERSION,
  PostgresConnection,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  runMigrations,
  SchemaMigrationRequiredError,
  SchemaVersionMismatchError,
  withBackend,
} from 'bullmq';
import pg from 'pg';
import { codeOf, type StartError, startError } from '../../prisma/start-error.ts';
import { isWithin } from '../../prisma/within.ts';
import {
  type JobData,
  type JobStore,
  lookSeconds,
  queueName,
  queueOptions,
  startWorker,
  watchFetching,
  workerOptions,
} from './jobs.bullmq-store.ts';

/** Apart from the tables of the product: a backup does not have it. */
const schema = 'parley_jobs';
/** One listens for as long as something works here, and three do the rest in turn. */
const poolSize = 4;
/** Processes that start together take turns in making the tables. */
const prepareMs = 60_000;
/** At a close nothing of ours is left to be waited for; a network that hangs is not waited for, twice at most. */
const graceMs = 500;
type Factory = BackendFactory<PostgresQueueBackend, PostgresConnectionOptions>;

/**
 * In the database of `pool`, over connections of its own, as each has to look into another schema. Makes what is missing there, and
 * throws a StartError when it may not. Whose job is held for lost is told from the clocks of the processes: they must agree within seconds.
 */
export async function openPostgresJobStore(pool: pg.Pool): Promise<JobStore> {
  const { own, end } = openOwnPool(pool);
  try {
    await prepare(own);
    const { Queue } = withBackend(createBackend);
    const queue = new Queue<JobData, void, string>(queueName, { ...queueOptions, connection: own });
    queue.on('error', () => undefined); // whoever adds is told by a rejection
    await queue.waitUntilReady();
    return {
      queue,
      openWorker({ process, atOnce, outage, clock }) {
        const factory: Factory = (...asked) => watchFetching(createBackend(...asked), { outage, clock });
        const { Worker } = withBackend(factory);
        const settings = { ...workerOptions, connection: own, concurrency: atOnce };
        const worker = new Worker<JobData, void, string>(queueName, process, settings);
        const drop = () => void worker.disconnect().catch(() => undefined);
        return startWorker(Object.assign(worker, { drop }), outage);
      },
      async close() {
        await queue.close();
        await end();
      },
    };
  } catch (failure) {
    await end();
    throw failure;
  }
}

function openOwnPool({ options }: pg.Pool) {
  const own = new pg.Pool({
    ...options,
    max: poolSize,
    application_name: 'parley-jobs',
    onConnect: (client) => client.query(`SET search_path TO ${schema}`),
  });
  own.on('error', () => undefined); // the next query opens another one, or fails by itself
  const clients = new Set<pg.ClientBase>();
  own.on('connect', (client) => {
    clients.add(client);
    client.on('error', () => undefined); // nobody else hears one that is between two users
  });
  own.on('remove', (client) => clients.delete(client));
  const end = async () => {
    const ended = own.end();
    if (await isWithin(ended, graceMs)) return;
    // A client that is ended while it works drops its connection.
    for (const client of clients) if (client instanceof pg.Client) client.end(() => undefined);
    await isWithin(ended, graceMs);
  };
  return { own, end };
}

/** One that does not go by the name of the schema that BullMQ takes a pool to be for, and never waits for a whole hour. */
const createBackend: Factory = (name, options) => {
  const connection = Object.assign(new PostgresConnection(options.connection), { schema });
  const backend = new PostgresQueueBackend(connection, name, options);
  return Object.defineProperty(backend, 'maximumBlockTimeout', { value: lookSeconds });
};

/** The tables and functions of BullMQ, as this release of it needs them. */
async function prepare(own: pg.Pool): Promise<void> {
  const client = await own.connect();
  try {
    if (await isPrepared(client)) return;
    await client.query(`SET statement_timeout = ${prepareMs}`);
    await runMigrations(client, schema);
  } catch (failure) {
    throw prepareProblem(failure);
  } finally {
    client.release(true);
  }
}

async function isPrepared(client: pg.PoolClient): Promise<boolean> {
  try {
    return (await assertSchemaCompatibility(client, schema)) >= LATEST_SCHEMA_VERSION;
  } catch (failure) {
    if (failure instanceof SchemaMigrationRequiredError) return false;
    throw failure;
  }
}

/** What whoever runs the server can solve. */
function prepareProblem(failure: unknown): StartError | unknown {
  if (failure instanceof SchemaVersionMismatchError)
    return startError(
      'The jobs in the database are those of a newer Parley, which this one cannot read: start the newer one.',
      failure,
    );
  if (codeOf(failure) === '42501')
    return startError(
      `The role of DATABASE_URL may not make the schema ${schema} in its database, where jobs wait: let an administrator run GRANT CREATE ON DATABASE … TO …, or set REDIS_URL.`,
      failure,
    );
  return failure;
}
