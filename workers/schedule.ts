import type { Job } from '../schema/ports/jobs.ts';

/** What is done again and again, by one worker at a time, whoever that is. */
export const schedule: readonly { readonly job: Job; readonly everyMs: number; readonly why: string }[] = [
  {
    job: { name: 'sweep', payload: {}, key: 'sweep' },
    everyMs: 60_000,
    why: 'jobs are hints and can be lost: nobody waits for a push longer than this, and a look costs next to nothing',
  },
];
