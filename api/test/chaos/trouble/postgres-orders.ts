import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { ChaosStage } from '../stage.ts';

/** By this name those who make trouble are told from those who have it. */
const applicationName = 'trouble';
/** Connecting takes milliseconds; where nobody answers, it shall be asked again before long. */
const connectMs = 5_000;

/** A connection of our own, straight to PostgreSQL. That it is cut is no news to anybody. */
export async function connectTo({ databaseUrl }: ChaosStage): Promise<pg.Client> {
  const client = new pg.Client({
    ...{ connectionString: databaseUrl, application_name: applicationName },
    ...{ connectionTimeoutMillis: connectMs, query_timeout: 2 * connectMs },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await hangUp(client);
    throw error;
  }
}

/** Never rejects, and waits for nobody who does not answer. */
export async function hangUp(client: pg.Client): Promise<void> {
  await Promise.race([client.end().catch(() => undefined), pause(connectMs, undefined, { ref: false })]);
}

const terminate = `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND application_name <> $1`;

/** Ends the connections of everybody else. Resolves with how many there were. */
export async function endOthers(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ ended: number }>(terminate, [applicationName]);
  return rows[0]?.ended ?? 0;
}

/** It starts in some seconds, and may have to put a lot in order. */
const wholeMs = 120_000;
const lookMs = 100;

/** Resolves when it answers, and starts it as often as it has ended. Rejects with the last problem. */
export async function makePostgresWhole(stage: ChaosStage): Promise<void> {
  const { postgres } = stage;
  const deadline = Date.now() + wholeMs;
  for (;;) {
    try {
      if ((await postgres.processes()).length === 0) await postgres.startAgain();
      const client = await connectTo(stage);
      try {
        await client.query('SELECT 1');
        return;
      } finally {
        await hangUp(client);
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(lookMs);
  }
}
