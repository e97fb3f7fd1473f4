import { pino } from 'pino';
import { openDatabase } from '../../../prisma/open-database.ts';
import { openBullJobs } from '../jobs.bullmq.ts';
import { openRedis } from '../redis-connection.ts';

/** What a worker in a process of its own is told, as its only argument. */
export type WorkerTask = { readonly postgres: string } | { readonly redis: string };

const logger = pino({ enabled: false });

async function openStore(task: WorkerTask) {
  if ('redis' in task) return { redis: await openRedis(task.redis, { logger, installation: 'a test' }) };
  return { pool: (await openDatabase(task.postgres, { poolSize: 2 })).pool };
}

/** Says when it has begun a job, and never ends one: it is there to be killed. */
async function main(text: string): Promise<void> {
  const task: WorkerTask = JSON.parse(text);
  const jobs = await openBullJobs({ store: await openStore(task), logger });
  const never = () => {
    process.send?.('begun');
    return new Promise<void>(() => undefined);
  };
  await jobs.work({ wakeChannel: never, sendPush: never, clearPush: never, sweep: never }, { atOnce: 5 });
  process.send?.('ready');
}

await main(process.argv[2] ?? '');
