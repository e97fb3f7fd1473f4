import { expect, it } from 'vitest';
import { createManualClock } from './clock.manual.ts';
import { createGate, handlers, jobsContract, sweep, wake } from './jobs.contract.ts';
import { openMemoryJobs } from './jobs.memory.ts';
import { finishMs, type Jobs } from './jobs.ts';

/** Processes of one memory: one of them may close while the others go on. */
const asProcess = (jobs: Jobs): Jobs => {
  const working: { close(): Promise<void> }[] = [];
  return {
    ...jobs,
    async work(...given) {
      const one = await jobs.work(...given);
      working.push(one);
      return one;
    },
    close: async () => void (await Promise.all(working.map((one) => one.close()))),
  };
};

jobsContract('memory', async () => {
  const clock = createManualClock(1_000_000);
  const jobs = openMemoryJobs({ clock });
  return {
    open: async () => asProcess(jobs),
    pass: clock.advance,
    now: clock.now,
    async until(holds) {
      for (let turn = 0; turn < 2_000; turn += 1) {
        if (await holds()) return;
        await clock.advance(50);
      }
      throw new Error('That does not come to hold.');
    },
    close: jobs.close,
  };
});

it('waits at a close for what runs, but not for ever', async () => {
  const clock = createManualClock(0);
  const jobs = openMemoryJobs({ clock });
  const never = createGate();
  await jobs.work(handlers({ wakeChannel: () => never.opened }), { atOnce: 1 });
  await jobs.add([wake('a')]);
  await clock.advance(0);
  let isClosed = false;
  const closing = jobs.close().then(() => {
    isClosed = true;
  });
  await clock.advance(finishMs - 1);
  expect(isClosed).toBe(false);
  await clock.advance(1);
  await closing;
});

it('tells of what rejects, each time', async () => {
  const clock = createManualClock(0);
  const failures: unknown[] = [];
  const jobs = openMemoryJobs({ clock, onFailure: (failure, name) => failures.push([name, failure]) });
  const failure = new Error('not today');
  await jobs.work(handlers({ sweep: () => Promise.reject(failure) }), { atOnce: 1 });
  await jobs.add([sweep]);
  await clock.advance(60_000);
  expect(failures).toEqual(Array.from({ length: 5 }, () => ['sweep', failure]));
  await jobs.close();
});
