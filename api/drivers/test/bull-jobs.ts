import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { openDatabase } from '../../../prisma/open-database.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { systemClock } from '../../../schema/ports/clock.ts';
import type { JobsWorld } from '../../../schema/ports/jobs.contract.ts';
import type { Jobs } from '../../../schema/ports/jobs.ts';
import { openTcpProxy, type TcpProxy } from '../../test/client/tcp-proxy.ts';
import { startRedis } from '../../test/engines/redis.ts';
import { openBullJobs } from '../jobs.bullmq.ts';
import { openRedis } from '../redis-connection.ts';
import type { WorkerTask } from './job-worker.ts';

/** In real time nobody waits for the last of five tries. */
export const patience = { retryMs: 30, finishMs: 2_000 };

/** A store of jobs, over a network that can be cut. */
export type BullWorld = JobsWorld & {
  /** What was logged, by level and words. */
  readonly lines: readonly { readonly level: string; readonly msg: string }[];
  /** Nobody reaches the store any more. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** A worker in a process of its own, which never ends what it begins. */
  fork(): Promise<{ begun(): Promise<void>; kill(): void }>;
  /** How much stands in the store, in rows or in keys, by their kind. */
  standing(): Promise<{ readonly [kind: string]: number }>;
};

/** What is different from store to store. `port`: where a process reaches it. */
type Store = {
  readonly port: number;
  readonly task: WorkerTask;
  open(port: number, logger: pino.Logger): Promise<Jobs>;
  standing: BullWorld['standing'];
  close(): Promise<void>;
};

function createLines() {
  const lines: { level: string; msg: string }[] = [];
  const write = (text: string) => lines.push(JSON.parse(text));
  const logger = pino({ formatters: { level: (level) => ({ level }) } }, { write });
  return { lines, logger };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('That does not come to hold.');
    await systemClock.sleep(5);
  }
}

/** Closing it twice is closing it once. */
const closedOnce = (jobs: Jobs): Jobs => {
  let closed: Promise<void> | undefined;
  return { ...jobs, close: () => (closed ??= jobs.close()) };
};

async function openWorld(store: Store): Promise<BullWorld> {
  const { lines, logger } = createLines();
  let way: TcpProxy = await openTcpProxy({ targetPort: store.port });
  const { port } = way;
  const opened: Jobs[] = [];
  const forked: ChildProcess[] = [];
  return {
    lines,
    until,
    now: systemClock.now,
    pass: (ms) => systemClock.sleep(ms),
    standing: store.standing,
    cut: () => way.close(),
    async mend() {
      way = await openTcpProxy({ targetPort: store.port, port });
    },
    async open() {
      const jobs = closedOnce(await store.open(port, logger));
      opened.push(jobs);
      return jobs;
    },
    async fork() {
      const child = forkWorker(store.task);
      forked.push(child);
      await once(child, 'message');
      return {
        begun: async () => void (await once(child, 'message')),
        kill: () => void child.kill('SIGKILL'),
      };
    },
    async close() {
      for (const child of forked) child.kill('SIGKILL');
      await Promise.all(opened.map((jobs) => jobs.close()));
      await way.close();
      await store.close();
    },
  };
}

const forkWorker = (task: WorkerTask) =>
  fork(join(import.meta.dirname, 'job-worker.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', import.meta.resolve('tsx')],
  });

/** A database of its own. */
export async function openPostgresJobs(): Promise<BullWorld> {
  const { url, close } = await openTestDatabase();
  const own = await openDatabase(url, { poolSize: 1 });
  const tables = ['job', 'dedup', 'dedup_next', 'event', 'scheduler'] as const;
  return openWorld({
    port: Number(new URL(url).port || 5432),
    task: { postgres: url },
    async open(port, logger) {
      const through = new URL(url);
      through.port = String(port);
      const database = await openDatabase(through.href, { poolSize: 1 });
      const store = { pool: database.pool };
      const jobs = await openBullJobs({ store, logger, patience });
      return { ...jobs, close: () => jobs.close().finally(database.close) };
    },
    async standing() {
      const counts = tables.map((table) => `(SELECT count(*)::int FROM parley_jobs.${table}) AS "${table}"`);
      const { rows } = await own.pool.query<{ [table: string]: number }>(`SELECT ${counts.join(', ')}`);
      return rows[0] ?? {};
    },
    async close() {
      await own.close();
      await close();
    },
  });
}

/** A Redis of its own. */
export async function openRedisJobs(): Promise<BullWorld> {
  const server = await startRedis();
  const settings = { logger: pino({ enabled: false }), installation: 'a test' };
  const looking = await openRedis(server.url, settings);
  return openWorld({
    port: server.port,
    task: { redis: server.url },
    async open(port, logger) {
      const redis = await openRedis(`redis://127.0.0.1:${port}`, settings);
      const jobs = await openBullJobs({ store: { redis }, logger, patience });
      return { ...jobs, close: () => jobs.close().finally(redis.close) };
    },
    async standing() {
      const keys = await looking.commands.keys('*');
      const kinds = keys.map((key) => key.replace(/^.*:jobs:/, '').replace(/^(\d+|de:.*|dn:.*)$/, 'job'));
      const counts: Record<string, number> = {};
      for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    },
    async close() {
      await looking.close();
      await server.close();
    },
  });
}
