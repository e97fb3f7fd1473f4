import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { databaseProblem } from './database-problem.ts';
import { PrismaClient } from './generated/client/client.ts';
import { isWithin } from './within.ts';

export type Database = {
  readonly prisma: PrismaClient;
  /** The same connections for SQL of our own, as the event log's driver needs. Integers of 64 bits arrive as strings. */
  readonly pool: pg.Pool;
  /** Closes every connection; what still runs after half a second is cut. May be called twice. */
  close(): Promise<void>;
};

export type DatabaseOptions = {
  /** Connections at most. An interactive transaction holds one from its begin to its end. */
  readonly poolSize: number;
  /** A connection broke while nobody used it. Nothing is lost by that: the next query opens a new one, or fails by itself. */
  readonly onConnectionError?: (error: Error) => void;
};

/** PostgreSQL that does not answer within this is not there: requests fail instead of piling up. */
const connectTimeoutMs = 5_000;
/** No statement of ours takes a second; one that takes this long is stopped by PostgreSQL itself. */
const statementTimeoutMs = 10_000;
/** A transaction whose process forgot it must not hold its locks for ever. */
const idleInTransactionTimeoutMs = 20_000;
/**
 * Prisma's own limit of a transaction, far above that of its statements: when it strikes during a COMMIT, Prisma 7.10
 * gives the connection back twice, which nothing can catch (prisma/prisma#29952). PostgreSQL has to be first.
 */
const transactionTimeoutMs = 60_000;
/** At a stop nothing of ours is left to be waited for; a statement that hangs must not keep the process. Taken twice at most. */
const graceMs = 500;

/**
 * Throws a StartError if the database cannot be reached now. A PostgreSQL that goes away later fails the queries under
 * way, never the process, and the next query connects again.
 */
export async function openDatabase(url: string, options: DatabaseOptions): Promise<Database> {
  const { pool, endPool } = openPool(url, options);
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    errorFormat: 'minimal', // without the calling code and its values
    transactionOptions: { maxWait: connectTimeoutMs, timeout: transactionTimeoutMs },
  });
  const close = async () => {
    await prisma.$disconnect();
    await endPool();
  };
  let closed: Promise<void> | undefined;
  const closeOnce = () => (closed ??= close());
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await closeOnce();
    throw databaseProblem(error, url);
  }
  return { prisma, pool, close: closeOnce };
}

function openPool(url: string, { poolSize, onConnectionError }: DatabaseOptions) {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: 'parley',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    keepAlive: true,
  });
  pool.on('error', (error) => pool.ending || onConnectionError?.(error)); // that it ends is no news when it shall
  const clients = new Set<pg.ClientBase>();
  pool.on('connect', (client) => {
    clients.add(client);
    // An idle connection reports to the pool, one in use to its user, and one in between to nobody: that would end the process.
    client.on('error', () => undefined);
  });
  pool.on('remove', (client) => clients.delete(client));
  const endPool = async () => {
    const ended = pool.end();
    if (await isWithin(ended, graceMs)) return;
    // A client that is ended while it works drops its connection; its query fails, and its user gives it back.
    for (const client of clients) if (client instanceof pg.Client) client.end(() => undefined);
    await isWithin(ended, graceMs);
  };
  return { pool, endPool };
}
