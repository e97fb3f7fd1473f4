import type { Clock } from '../../../schema/ports/clock.ts';
import { doJob, type Job, type JobHandlers, type Jobs, slotOf } from '../../../schema/ports/jobs.ts';

/** More than any test needs: jobs that add jobs without end. */
const mostRuns = 1_000;

/** Jobs that wait until a test does them: nothing happens by itself, and what is lost is lost because a test says so. */
export function createHandJobs(clock: Pick<Clock, 'now'>) {
  const waiting = new Map<string, { readonly job: Job; readonly dueAt: number }>();
  const added: Job[] = [];
  const refusing = { isRefusing: false };
  const jobs: Jobs = {
    async add(all) {
      if (refusing.isRefusing) throw new Error('The store of jobs does not answer.');
      for (const job of all) {
        added.push(job);
        if (!waiting.has(slotOf(job)))
          waiting.set(slotOf(job), { job, dueAt: clock.now() + (job.delayMs ?? 0) });
      }
    },
    repeat: async () => undefined,
    work: () => Promise.reject(new Error('A test does these by hand.')),
    counts: async () => ({ waiting: waiting.size, running: 0 }),
    close: async () => undefined,
  };
  /** One after the other, those that are due and those that they add; what rejects is kept, and not done again. */
  async function doDue(handlers: JobHandlers): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let runs = 0; runs < mostRuns; runs += 1) {
      const due = [...waiting].find(([, { dueAt }]) => dueAt <= clock.now());
      if (due === undefined) return failures;
      waiting.delete(due[0]);
      await doJob(handlers, due[1].job).catch((failure: unknown) => failures.push(failure));
    }
    throw new Error('Jobs that add jobs without end.');
  }
  return {
    ...jobs,
    ...{ waiting, added, doDue },
    /** All that wait are lost. */
    lose: () => waiting.clear(),
    /** From now on, or no more, the store does not answer. */
    refuse: (isRefusing: boolean) => void Object.assign(refusing, { isRefusing }),
  };
}
