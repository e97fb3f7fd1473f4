import { openWorking } from '../../../workers/open-working.ts';
import { runProcess } from '../../run-process.ts';
import { openServer } from '../../server.ts';
import { openNaiveStream } from './open-naive-stream.ts';

/** Pushes are waited for so long at a stop, in milliseconds, as by the product's own server. */
const finishMs = 2_000;

/** The product's own server, with the same settings, over the naive design: to compare with. */
runProcess({
  prepare: async () => ({}),
  openStream: openNaiveStream,
  closeMs: ({ DRAIN_SECONDS }) => DRAIN_SECONDS * 1_000 + finishMs + 8_000,
  async start({ config, storage, metrics, opened, keep, say }) {
    if (config.WORKER) keep(await openWorking(opened.product, { finishMs }));
    const { url } = keep(await openServer({ ...opened, metrics, isReady: storage.isReady }, config));
    say(`A chat of the naive design runs: ${url}`);
    if (metrics) say(`Metrics: ${metrics.metricsUrl}`);
  },
});
