import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPostgresEventLog } from '../api/drivers/event-log.postgres.ts';
import { openEmbeddedPostgres } from '../prisma/embedded-postgres.ts';
import { migrate } from '../prisma/migrate.ts';
import { openDatabase } from '../prisma/open-database.ts';
import { makeTempFolder } from '../prisma/temp-folder.ts';
import { type ChannelId, rowIdOf } from '../schema/ids.ts';
import { eventKinds } from '../schema/stream/event.ts';
import type { Append, Twins } from './append.ts';

/** As many connections as a server has. */
const poolSize = 20;
/** Those of both sides, and some to look in. */
const maxConnections = 60;

type Opened = { readonly url: string; close(): Promise<void> };

/** The one that comes along, with its data in a folder that goes again; what is acknowledged is on disk. */
export async function openPostgresOfItsOwn(): Promise<Opened> {
  const folder = await makeTempFolder();
  try {
    const onNotice = () => undefined;
    const postgres = await openEmbeddedPostgres({ dataDir: folder.path, maxConnections, onNotice });
    const close = async () => {
      await postgres.close();
      await folder.remove();
    };
    return { url: postgres.url, close };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** A database of its own beside those that are there, dropped at the end. */
export async function openDatabaseBeside(url: string): Promise<Opened> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await execute(url, `CREATE DATABASE ${name} TEMPLATE template0`);
  const own = new URL(url);
  own.pathname = name;
  return { url: own.href, close: () => execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The statement of a round, with its values made by hand and its rows left as they come. */
function rawRounds(pool: pg.Pool): Append {
  const text = 'SELECT * FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9)';
  return (channelId: ChannelId, drafts) =>
    pool.query({
      name: 'append_events',
      text,
      values: [
        ...[rowIdOf.channel(channelId), Date.now()],
        drafts.map(() => eventKinds['message.sent']),
        drafts.map((_, index) => index + 1),
        drafts.map(({ authorId }) => rowIdOf.user(authorId)),
        drafts.map(({ nonce }) => nonce),
        drafts.map(({ body }) => body),
        drafts.map(() => null),
        null,
      ],
    });
}

/** Connections of the bare side get the settings of the log's own, so that plans are the same. */
const sameSettings = '-c enable_seqscan=off -c jit=off -c enable_memoize=off';

/** On this PostgreSQL, which is empty. */
export async function openPostgresTwins({ url, close }: Opened): Promise<Twins> {
  try {
    await migrate(url);
    const database = await openDatabase(url, { poolSize });
    const log = await openPostgresEventLog(database);
    const pool = new pg.Pool({ connectionString: url, max: poolSize, options: sameSettings });
    return {
      log,
      raw: rawRounds(pool),
      rawIs: 'append_events() by pool.query() of pg, its rows unread',
      async close() {
        await log.close();
        await pool.end();
        await database.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
