import type { Config } from '../api/config.ts';
import { runProcess } from '../api/run-process.ts';
import { startError } from '../prisma/start-error.ts';
import { finishMs } from '../schema/ports/jobs.ts';
import { openWorking } from './open-working.ts';

/** Who is active is known to all processes through Redis alone: a worker without it would wake people who look at their screen. */
async function prepare({ REDIS_URL, isEmbedded }: Config) {
  if (REDIS_URL !== undefined && !isEmbedded) return {};
  throw startError(
    'A worker of its own needs the REDIS_URL and the DATABASE_URL of the servers that it works for. Without them nothing is to be started: a server does the jobs itself.',
  );
}

/** What runs is waited for, then everything that it stands on is closed. */
const closeMs = () => finishMs + 5_000;

runProcess({
  prepare,
  closeMs,
  async start({ opened, metrics, keep, say }) {
    keep(await openWorking(opened.product));
    say('A worker of Parley runs.');
    if (metrics) say(`Metrics: ${metrics.metricsUrl}`);
    say('Ctrl-C stops it.');
  },
});
