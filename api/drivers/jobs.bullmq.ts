import type pg from 'pg';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../../schema/ports/clock.ts';
import { finishMs, type Jobs, retryMs, type Working } from '../../schema/ports/jobs.ts';
import { openPostgresJobStore } from './jobs.bullmq-postgres.ts';
import { openRedisJobStore } from './jobs.bullmq-redis.ts';
import type { ProcessJob } from './jobs.bullmq-store.ts';
import {
  addJobs,
  createNewJob,
  createOrders,
  createOutage,
  createRun,
  finish,
  type Patience,
} from './jobs.bullmq-work.ts';
import type { RedisConnection } from './redis-connection.ts';

type Settings = {
  /** `pool`: leads to the database; the jobs get a few connections of their own. */
  readonly store: { readonly pool: pg.Pool } | { readonly redis: RedisConnection };
  readonly logger: Pick<Logger, 'warn' | 'info' | 'error'>;
  /** Paces what is asked of the store; what is due when is told by the clock of the machine. */
  readonly clock?: Clock;
  readonly patience?: Patience;
};

/**
 * Jobs of many processes, by BullMQ, in PostgreSQL or in Redis. Throws a StartError for what whoever runs the server can solve. A
 * store that goes away later is waited for by whoever works, and by nobody who adds.
 */
export async function openBullJobs(settings: Settings): Promise<Jobs> {
  const { store: place, logger, clock = systemClock, patience = { retryMs, finishMs } } = settings;
  const store =
    'pool' in place
      ? await openPostgresJobStore(place.pool)
      : await openRedisJobStore({ redis: place.redis, logger });
  const { queue } = store;
  const newJob = createNewJob(patience);
  const orders = createOrders({ queue, newJob, clock });
  const working = new Set<Working>();
  const closeAll = async () => {
    orders.close();
    await Promise.all([...working].map((one) => one.close()));
    await store.close();
  };
  let allClosed: Promise<void> | undefined;

  return {
    add: (jobs) =>
      addJobs(
        queue,
        jobs.map((job) => newJob(job)),
      ),
    repeat: orders.give,
    async work(handlers, { atOnce, ...options }) {
      const running = new Set<Promise<void>>();
      const run = createRun({ handlers, logger, again: orders.again });
      const process: ProcessJob = async (one) => {
        const work: Promise<void> = run(one).finally(() => running.delete(work));
        running.add(work);
        await work;
      };
      const worker = await store.openWorker({ process, atOnce, clock, outage: createOutage(logger) });
      let closed: Promise<void> | undefined;
      const close = () =>
        (closed ??= finish(worker, { running, clock, patience: { ...patience, ...options } }).finally(() =>
          working.delete(one),
        ));
      const one: Working = { close };
      working.add(one);
      return one;
    },
    async counts() {
      const { wait = 0, delayed = 0, active = 0 } = await queue.getJobCounts('wait', 'delayed', 'active');
      return { waiting: wait + delayed, running: active };
    },
    close: () => (allClosed ??= closeAll()),
  };
}
