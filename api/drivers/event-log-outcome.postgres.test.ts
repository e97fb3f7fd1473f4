import { once } from 'node:events';
import { createServer } from 'node:net';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../schema/ids.ts';
import { type EventLog, OutcomeUnknownError } from '../../schema/ports/event-log.ts';
import { appendOne, edited, freshChannel, sent } from '../../schema/ports/event-log-world.contract.ts';
import { openPostgresEventLog } from './event-log.postgres.ts';
import { openPostgresLogs, type PostgresLogs } from './test/postgres-logs.ts';

const channelId = freshChannel();

describe('an append to PostgreSQL', () => {
  let world: PostgresLogs;
  let log: EventLog;
  beforeEach(async () => {
    // One connection: a log that lost it for good could do nothing more.
    world = await openPostgresLogs(1, 1);
    log = await world.openLog();
    await appendOne(log, channelId, sent('first'));
  });
  afterEach(() => world.close());

  /** Holds the lock of the channel's head, as an appender that hangs would. */
  async function withHeadLocked(use: (holder: PoolClient) => Promise<void>): Promise<void> {
    const holder = await world.pool.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM log_head WHERE channel_id = $1 FOR UPDATE', [
        rowIdOf.channel(channelId),
      ]);
      await use(holder);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  }
  const waiting = `FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%append_events%'`;
  const untilWaiting = (appenders: number) =>
    expect
      .poll(async () => (await world.pool.query(`SELECT pid ${waiting}`)).rows.length, { timeout: 30_000 })
      .toBe(appenders);

  it('does not wait for ever for its turn, and says that it does not know', async () => {
    await withHeadLocked(async () => {
      await expect(appendOne(log, channelId, sent('second', { nonce: 'n' }))).rejects.toThrow(
        OutcomeUnknownError,
      );
      await untilWaiting(0);
    });
    expect(await appendOne(log, channelId, sent('second', { nonce: 'n' }))).toMatchObject({
      event: { seq: 2 },
    });
  });

  it.each(['pg_terminate_backend', 'pg_cancel_backend'])(
    'does not know after %s, and can be repeated',
    async (end) => {
      await withHeadLocked(async () => {
        const appending = appendOne(log, channelId, sent('second', { nonce: 'n' }));
        const outcome = expect(appending).rejects.toThrow(OutcomeUnknownError);
        await untilWaiting(1);
        await world.pool.query(`SELECT ${end}(pid) ${waiting}`);
        await outcome;
      });
      expect(await appendOne(log, channelId, sent('second', { nonce: 'n' }))).toMatchObject({
        event: { seq: 2 },
      });
    },
  );

  it('finds its own commit when that came too late to be answered', async () => {
    await world.pool.query(`
      CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END';
      CREATE TRIGGER linger BEFORE INSERT ON log_event FOR EACH ROW WHEN (NEW.body = 'slow') EXECUTE FUNCTION linger()`);
    const draft = sent('slow', { nonce: 'n' });
    await expect(appendOne(log, channelId, draft)).rejects.toThrow(OutcomeUnknownError);
    const again = { ...draft, body: 'quick' };
    expect(await appendOne(log, channelId, again)).toMatchObject({
      deduplicated: true,
      event: { seq: 2, message: { text: 'slow' } },
    });
  });

  it('counts as unknown when no connection is free, and goes on when one is', async () => {
    const pool = openPool({ ...world.pool.options, max: 1 });
    const starved = await openPostgresEventLog({ pool });
    const borrowed = await pool.connect();
    await expect(appendOne(starved, channelId, sent('never'))).rejects.toThrow(OutcomeUnknownError);
    borrowed.release();
    for (const text of ['second', 'third']) await appendOne(starved, channelId, sent(text));
    expect((await starved.read(channelId, 1, 9)).map(({ message }) => message?.text)).toEqual([
      'second',
      'third',
    ]);
    await starved.close();
    await pool.end();
  });

  it('is refused, not unknown, when it can never succeed', async () => {
    const refusal = await appendOne(log, channelId, edited(90, 'nothing')).catch((error: unknown) => error);
    expect(refusal).not.toBeInstanceOf(OutcomeUnknownError);
    await world.pool.query('ALTER TABLE log_event ADD CHECK (body <> $$impossible$$)');
    const failure = await appendOne(log, channelId, sent('impossible')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: '23514' });
    expect(await appendOne(log, channelId, sent('possible'))).toMatchObject({ event: { seq: 2 } });
  });

  it('is unknown when PostgreSQL cannot be reached', async () => {
    const pool = openPool({ host: '127.0.0.1', port: await closedPort() });
    const unreachable = await openPostgresEventLog({ pool });
    await expect(appendOne(unreachable, channelId, sent('second'))).rejects.toThrow(OutcomeUnknownError);
    await unreachable.close();
    await pool.end();
  });
});

/** A connection that is on its way out may meet the end of its database: nobody else would hear of that, and the process would end. */
function openPool(options: PoolConfig): Pool {
  const pool = new Pool(options);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A server has no port.');
  return address.port;
}
