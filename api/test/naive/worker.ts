import { finishMs } from '../../../schema/ports/jobs.ts';
import { openWorking } from '../../../workers/open-working.ts';
import { runProcess } from '../../run-process.ts';
import { openNaiveStream } from './open-naive-stream.ts';

/** The product's own worker over the naive design: it would give ids of its own to what servers left behind otherwise. */
runProcess({
  prepare: async () => ({}),
  openStream: openNaiveStream,
  closeMs: () => finishMs + 5_000,
  async start({ opened, metrics, keep, say }) {
    keep(await openWorking(opened.product));
    say('A worker of the naive design runs.');
    if (metrics) say(`Metrics: ${metrics.metricsUrl}`);
  },
});
