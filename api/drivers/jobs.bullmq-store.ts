import type { IQueueBackend, JobsOptions, Processor } from 'bullmq';
import { isWithin } from '../../prisma/within.ts';
import type { Clock } from '../../schema/ports/clock.ts';
import { maxTries } from '../../schema/ports/jobs.ts';

/** What is kept of a job. `everyMs`: it is to be done again so long after its end. */
export type JobData = { readonly payload: unknown; readonly key: string; readonly everyMs?: number };
export type NewJob = { readonly name: string; readonly data: JobData; readonly opts: JobsOptions };
export type ProcessJob = Processor<JobData, void, string>;

/** As much of a queue of BullMQ as is used here. */
export type JobQueue = {
  addBulk(jobs: NewJob[]): Promise<unknown>;
  add(name: string, data: JobData, opts: JobsOptions): Promise<unknown>;
  getJobCounts(...states: ('wait' | 'delayed' | 'active')[]): Promise<{ [state: string]: number }>;
};
export type JobWorker = {
  /** Takes no more, and resolves when nothing runs any more; not where the store is away. */
  close(): Promise<void>;
  /** Lets go of its connections: nothing that it still has to say reaches the store. */
  drop(): void;
};
/** `tell`: of whatever fails between a worker and its store, also again and again; `end`: it answers. */
export type Outage = {
  tell(problem: unknown): void;
  end(): void;
  /** A job was given up because nobody survived it. */
  onDeadly(name: string): void;
};
export type WorkerSettings = {
  readonly atOnce: number;
  readonly process: ProcessJob;
  readonly outage: Outage;
  readonly clock: Clock;
};

/** Where jobs stand. */
export type JobStore = {
  readonly queue: JobQueue;
  /** Rejects when the store does not answer. */
  openWorker(settings: WorkerSettings): Promise<JobWorker>;
  /** After its workers. */
  close(): Promise<void>;
};

/** The name of the one queue. */
export const queueName = 'jobs';

/** BullMQ writes down each event for whoever wants to follow them. Nobody does here, and it cannot be turned off: so few are kept. */
export const queueOptions = { streams: { events: { maxLen: 100 } } } as const;

/** An idle worker looks so often, in seconds, although it is told of new jobs: a word may be lost. */
export const lookSeconds = 30;
/** Who fails to fetch tries again after this, in milliseconds: BullMQ itself pauses for a refused connection only. */
const pauseMs = 1_000;

/**
 * A worker says every 2 s that it still has a job. When nothing was heard for 8 s, and two of the looks that all workers together
 * take every 4 s (8 s where the one whose turn it was died) have seen it so, another one takes over: after 16 s at most. A process
 * that stands still for 8 s is far rarer than one that dies, and what is done twice does no harm. Looks cost a statement each.
 */
export const workerOptions = {
  lockDuration: 8_000,
  lockRenewTime: 4_000,
  stalledInterval: 4_000,
  maxStalledCount: maxTries - 1,
  drainDelay: lookSeconds,
  runRetryDelay: pauseMs,
  autorun: false,
} as const;

/** Fetches with patience, and says how the store fares. */
export function watchFetching<T extends IQueueBackend>(
  backend: T,
  { outage, clock }: Pick<WorkerSettings, 'outage' | 'clock'>,
): T {
  const fetch = backend.moveToActive.bind(backend);
  backend.moveToActive = async (token, name) => {
    try {
      const fetched = await fetch(token, name);
      outage.end();
      return fetched;
    } catch (problem) {
      outage.tell(problem);
      await clock.sleep(pauseMs);
      throw problem;
    }
  };
  return backend;
}

/** A store that does not answer within this is not there, in milliseconds. */
const readyMs = 5_000;

type Startable = JobWorker & {
  on(event: 'error', listen: (problem: Error) => void): unknown;
  on(event: 'failed', listen: (job: { name: string; deferredFailure?: string } | undefined) => void): unknown;
  waitUntilReady(): Promise<void>;
  run(): Promise<void>;
};

/** Lets a worker begin as soon as it has its connections. */
export async function startWorker(worker: Startable, outage: Outage): Promise<JobWorker> {
  worker.on('error', outage.tell);
  worker.on('failed', (job) => job?.deferredFailure && outage.onDeadly(job.name));
  const ready = worker.waitUntilReady();
  ready.catch(() => undefined); // also when that is known too late
  try {
    if (!(await isWithin(ready, readyMs))) throw new Error('The store of jobs does not answer.');
  } catch (failure) {
    worker.drop();
    void worker.close();
    throw failure;
  }
  worker.run().catch(outage.tell);
  return worker;
}
