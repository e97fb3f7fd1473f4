import { Counter, Gauge, type Registry } from 'prom-client';
import { isWithin } from '../../prisma/within.ts';
import type { JobHandlers, Jobs } from '../../schema/ports/jobs.ts';

/** Jobs that are counted, and are else what they were. */
export type MeasureJobs = { jobs(jobs: Jobs): Jobs };

/** Whoever reads metrics does not wait for a store that is away, in milliseconds: that line is missing then. */
const countsMs = 1_000;

/** All who share a store say the same of what waits in it; what was done each says of itself. */
export function createMeasureJobs(registry: Registry): MeasureJobs {
  const registers = [registry];
  const tries = new Counter({
    name: 'parley_jobs_total',
    help: 'Jobs that were done here, by name and outcome: done, or rejected, once for each time.',
    labelNames: ['name', 'outcome'],
    registers,
  });
  let jobsNow: Jobs | undefined;
  const gauge = new Gauge({
    name: 'parley_jobs',
    help: 'Jobs that wait, those for later included, and those that are being done, by all processes together.',
    labelNames: ['state'],
    registers,
    async collect() {
      gauge.reset();
      const counts = jobsNow?.counts().then(({ waiting, running }) => {
        gauge.set({ state: 'waiting' }, waiting);
        gauge.set({ state: 'running' }, running);
      });
      if (counts) await isWithin(counts, countsMs).catch(() => undefined);
    },
  });
  const counted =
    <P>(name: string, handle: (payload: P) => Promise<void>) =>
    async (payload: P): Promise<void> => {
      let outcome = 'rejected';
      try {
        await handle(payload);
        outcome = 'done';
      } finally {
        tries.inc({ name, outcome });
      }
    };
  const countedAll = (handlers: JobHandlers): JobHandlers => ({
    wakeChannel: counted('wakeChannel', handlers.wakeChannel),
    sendPush: counted('sendPush', handlers.sendPush),
    clearPush: counted('clearPush', handlers.clearPush),
    sweep: counted('sweep', handlers.sweep),
  });
  return {
    jobs(jobs) {
      jobsNow = jobs;
      return { ...jobs, work: (handlers, options) => jobs.work(countedAll(handlers), options) };
    },
  };
}
