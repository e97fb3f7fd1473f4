import type { Cluster } from '../cluster/open-cluster.ts';
import type { Links } from './links.ts';
import type { RedisPair } from './redis-pair.ts';

type Breakable = Pick<Cluster, 'servers' | 'workers' | 'postgres' | 'cassandra'> & {
  readonly redis: RedisPair;
};

/** Ends what stops processes and engines, as what stands still or is cut off would take long to stop. */
export async function calm({ servers, workers, ...engines }: Breakable, links: Links): Promise<void> {
  const { redis, postgres, cassandra } = engines;
  await links.heal();
  await postgres.resume();
  redis.resume();
  redis.replica().resume();
  cassandra?.resume();
  for (const { pid } of [...servers, ...workers]) wake(pid());
}

function wake(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended in this moment.
  }
}
