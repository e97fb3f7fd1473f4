import type { Working, WorkOptions } from '../schema/ports/jobs.ts';
import type { Product } from '../schema/scope.ts';
import { handlersOf } from './jobs.ts';
import { schedule } from './schedule.ts';

/** So many jobs at once in one process: most of the time of each is waiting for a push service or the database. */
const atOnce = 20;

/** Does jobs in this process until it is closed: it then takes no more, and waits for those that run, for as long as is said. */
export async function openWorking(
  product: Product,
  options: Pick<WorkOptions, 'finishMs'> = {},
): Promise<Working> {
  const { jobs } = product;
  const working = await jobs.work(handlersOf(product), { atOnce, ...options });
  for (const { job, everyMs } of schedule) await jobs.repeat(job, everyMs);
  return working;
}
