import { DatabaseError, type Pool, type PoolClient, type QueryConfig } from 'pg';

/** How long a read may take, in milliseconds: a page takes a few, and PostgreSQL itself gives up after 10 s. */
export const readTimeoutMs = 12_000;

/** `pg` knows the limit of a single query, its types do not. */
export type TimedQuery = QueryConfig & { readonly query_timeout: number };

/**
 * Once per connection. Every statement of the drivers finds its rows by an index; a plan made while a table was small would scan it,
 * and would be kept while the table grows. Who shares the connection still gets the scans that have to be; before PostgreSQL 18
 * those look so dear that each would be compiled, so that is off, too. Remembering rows of a join is for joins of many: for a page
 * it makes room for a whole channel first, which takes longer than the page.
 */
const sessionSettings = 'SET enable_seqscan = off; SET jit = off; SET enable_memoize = off';
const isPrepared = new WeakSet<PoolClient>();

async function prepare(client: PoolClient, query_timeout: number): Promise<void> {
  if (isPrepared.has(client)) return;
  const query: TimedQuery = { text: sessionSettings, query_timeout };
  await client.query(query);
  isPrepared.add(client);
}

/**
 * Lends one connection to `use`. It is thrown away, not given back, when `use` failed in a way that leaves its state in doubt:
 * a timeout, after which the query may still be running, or a lost connection. Rejects when none is free within `timeoutMs`;
 * `use` is told how much of that is left.
 */
export async function withConnection<T>(
  pool: Pool,
  timeoutMs: number,
  use: (client: PoolClient, leftMs: number) => Promise<T>,
): Promise<T> {
  const since = performance.now();
  const leftMs = () => Math.max(1, Math.ceil(timeoutMs - (performance.now() - since)));
  const client = await connect(pool, timeoutMs);
  client.on('error', alsoFailsTheQuery);
  const giveBack = (isDoubtful: boolean) => {
    client.off('error', alsoFailsTheQuery);
    client.release(isDoubtful);
  };
  try {
    await prepare(client, leftMs());
    const answer = await use(client, leftMs());
    giveBack(false);
    return answer;
  } catch (error) {
    giveBack(!isReusable(error));
    throw error;
  }
}

/** PostgreSQL refused a statement, and waits for the next one. */
const isReusable = (error: unknown) => error instanceof DatabaseError && error.severity === 'ERROR';

/** Without a listener, the loss of a connection would end the process; the query that runs on it rejects by itself. */
const alsoFailsTheQuery = () => undefined;

async function connect(pool: Pool, waitMs: number): Promise<PoolClient> {
  const connecting = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
      reject(new Error(`No connection to PostgreSQL was free within ${waitMs} ms.`));
    }, waitMs);
  });
  try {
    return await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Classes and codes of errors after which the same statement may succeed when it is repeated. */
const passing = [
  /^08/, // connection exceptions
  /^40/, // serialization failures, deadlocks, "completion unknown"
  /^53/, // too many connections, no memory, disk full
  /^57/, // cancelled, shut down, not yet started
  /^58/, // the disk failed
  /^55P03$/, // the lock was not free in time
  /^25006$/, // a standby, before it is promoted
];

/** Whether this failure says nothing about the statement itself: PostgreSQL could not do it now, or nobody knows. */
export const isPassing = (error: unknown) =>
  !(error instanceof DatabaseError) || passing.some((pattern) => pattern.test(error.code ?? ''));

/**
 * One transaction at READ COMMITTED: each statement sees what was committed before it, so that what is read after a lock is
 * what the lock protects. Rejects with what `use` rejected with, and then nothing was written; a COMMIT whose answer is lost
 * rejects, too, and may have been one.
 */
export async function withTransaction<T>(pool: Pool, use: (client: PoolClient) => Promise<T>): Promise<T> {
  return withConnection(pool, readTimeoutMs, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    try {
      const answer = await use(client);
      await client.query('COMMIT');
      return answer;
    } catch (error) {
      // A connection that failed otherwise is thrown away, and its transaction with it.
      if (isReusable(error)) await client.query('ROLLBACK');
      throw error;
    }
  });
}
