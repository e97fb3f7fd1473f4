import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import { handlers, sweep, wake } from '../../schema/ports/jobs.contract.ts';
import { openMemoryJobs } from '../../schema/ports/jobs.memory.ts';
import { createMeasureJobs } from './measure-jobs.ts';

it('counts what waits and runs, and what was done or rejected, by names that stand in the code', async () => {
  const clock = createManualClock(1);
  const registry = new Registry();
  const jobs = createMeasureJobs(registry).jobs(openMemoryJobs({ clock }));
  await jobs.add([wake('hush', 60_000), sweep]);
  expect(await registry.metrics()).toContain('parley_jobs{state="waiting"} 2');
  const wakeChannel = () => Promise.reject(new Error('not today'));
  await jobs.work(handlers({ wakeChannel }), { atOnce: 1 });
  await clock.advance(30_000);
  const said = await registry.metrics();
  expect(said).toContain('parley_jobs{state="waiting"} 1');
  expect(said).toContain('parley_jobs{state="running"} 0');
  expect(said).toContain('parley_jobs_total{name="sweep",outcome="done"} 1');
  await clock.advance(60_000);
  const later = await registry.metrics();
  expect(later).toContain('parley_jobs_total{name="wakeChannel",outcome="rejected"} 5');
  expect(later).not.toContain('hush');
  await jobs.close();
});

it('says nothing of what waits while the store does not answer, and all the rest', async () => {
  const registry = new Registry();
  const jobs = openMemoryJobs({ clock: createManualClock(1) });
  createMeasureJobs(registry).jobs({ ...jobs, counts: () => Promise.reject(new Error('away')) });
  expect(await registry.metrics()).not.toContain('parley_jobs{');
});
