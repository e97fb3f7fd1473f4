import type { Job as BullJob, JobsOptions } from 'bullmq';
import type { Logger } from 'pino';
import { isWithin } from '../../prisma/within.ts';
import type { Clock } from '../../schema/ports/clock.ts';
import { doJob, type Job, type JobHandlers, maxTries, slotOf } from '../../schema/ports/jobs.ts';
import type { JobData, JobQueue, JobWorker, NewJob, Outage } from './jobs.bullmq-store.ts';

type Added = {
  readonly everyMs?: number | undefined;
  /** Is not kept for the end of one that is being done. */
  readonly isOnlyFirst?: boolean;
};

/** Shorter in tests only. */
export type Patience = { readonly retryMs: number; readonly finishMs: number };

/** Nothing stays of a job that is done, or given up; nor does the store hear why it rejected. */
const kept = {
  attempts: maxTries,
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
} satisfies JobsOptions;

/** How a job is put down. Of one slot one waits; what is added while that one is being done is kept for its end. */
export const createNewJob =
  ({ retryMs }: Patience) =>
  (job: Job, { everyMs, isOnlyFirst = false }: Added = {}): NewJob => ({
    name: job.name,
    data: { payload: job.payload, key: job.key, ...(everyMs === undefined ? {} : { everyMs }) },
    opts: {
      ...kept,
      backoff: { type: 'exponential', delay: retryMs },
      delay: job.delayMs ?? 0,
      deduplication: { id: slotOf(job), keepLastIfActive: !isOnlyFirst },
    },
  });

/** One is a round trip of its own kind in BullMQ, and the cheaper one; several are one statement, or one pipeline. */
export async function addJobs(queue: JobQueue, jobs: readonly NewJob[]): Promise<void> {
  const [first, ...others] = jobs;
  if (first === undefined) return;
  if (others.length === 0) await queue.add(first.name, first.data, first.opts);
  else await queue.addBulk([...jobs]);
}

type Ordering = {
  readonly queue: JobQueue;
  readonly newJob: ReturnType<typeof createNewJob>;
  readonly clock: Clock;
};

/** Between two times of a job, each process looks so often whether the store still knows of it. */
const looksEach = 4;

/**
 * What is done again and again. Whoever does it orders the next time before it begins: that waits for the end, in the store. So it
 * goes on when this process dies at any moment, and never waits twice. Each process looks after its orders in case the store forgot them.
 */
export function createOrders({ queue, newJob, clock }: Ordering) {
  type Order = { readonly everyMs: number; readonly end: AbortController };
  const orders = new Map<string, Order>();
  const addNow = (job: Job, everyMs: number) =>
    addJobs(queue, [newJob({ ...job, delayMs: 0 }, { everyMs, isOnlyFirst: true })]);
  const addLater = (job: Job, everyMs: number) =>
    addJobs(queue, [newJob({ ...job, delayMs: everyMs }, { everyMs })]).catch(() => undefined);

  async function lookAfter(job: Job, { everyMs, end }: Order): Promise<void> {
    while (!end.signal.aborted) {
      await clock.sleep(everyMs / looksEach, end.signal);
      // Dropped where it waits, or is being done. Where it does neither nobody knows how long it has been missing: it is due.
      if (!end.signal.aborted) await addNow(job, everyMs).catch(() => undefined);
    }
  }
  return {
    async give(job: Job, everyMs: number): Promise<void> {
      orders.get(slotOf(job))?.end.abort();
      const order = { everyMs, end: new AbortController() };
      orders.set(slotOf(job), order);
      void lookAfter(job, order);
      await addNow(job, everyMs);
    },
    /** One of them begins; `everyMs` as it was ordered by whoever added it. */
    async again(job: Job, everyMs: number | undefined): Promise<void> {
      const next = orders.get(slotOf(job))?.everyMs ?? everyMs;
      if (next !== undefined) await addLater(job, next);
    },
    close() {
      for (const { end } of orders.values()) end.abort();
    },
  };
}

type Running = {
  readonly handlers: JobHandlers;
  readonly logger: Pick<Logger, 'error'>;
  readonly again: (job: Job, everyMs: number | undefined) => Promise<void>;
};

/** Does one job as it comes from the store. */
export const createRun =
  ({ handlers, logger, again }: Running) =>
  async ({ name, data, attemptsMade }: BullJob<JobData, void>): Promise<void> => {
    // A newer release may have kinds of jobs that this one has not heard of.
    if (!Object.hasOwn(handlers, name)) throw new Error('Nobody here does such a job.');
    const job = { name, payload: data.payload, key: data.key } as Job; // what `newJob` has written
    await again(job, data.everyMs);
    try {
      await doJob(handlers, job);
    } catch (err) {
      if (attemptsMade + 1 >= maxTries) logger.error({ err, job: name }, 'a job was given up');
      throw new Error('The job rejected.');
    }
  };

/** What nothing runs any more still has to say to its store, in milliseconds; where that is away nobody hears it. */
const partingMs = 2_000;

type Finishing = {
  /** What it does. */
  readonly running: ReadonlySet<Promise<void>>;
  readonly clock: Clock;
  readonly patience: Patience;
};

/** Closes a worker, whether its store answers or not. */
export async function finish(
  worker: JobWorker,
  { running, clock, patience: { finishMs } }: Finishing,
): Promise<void> {
  const closed = worker.close();
  const part = async () => {
    // Something may be fetched at this very moment.
    do {
      await Promise.allSettled(running);
      await clock.sleep(partingMs);
    } while (running.size > 0);
  };
  await isWithin(Promise.race([closed, part()]), finishMs);
  worker.drop();
}

/** One line when the store does not do its part any more, and one when it does again. */
export function createOutage(logger: Pick<Logger, 'warn' | 'info' | 'error'>): Outage {
  let isOut = false;
  return {
    tell(err) {
      if (!isOut) logger.warn({ err }, 'the store of jobs fails; it is tried again until it answers');
      isOut = true;
    },
    end() {
      if (isOut) logger.info('the store of jobs answers again');
      isOut = false;
    },
    onDeadly(name) {
      logger.error({ job: name }, 'a job was given up: each worker that began it died, or stood still');
    },
  };
}
