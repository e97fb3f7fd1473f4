import { promisesHoldFor } from './sim/promises.ts';

/** The second half of the seeds of `stream.sim.test.ts`. */
promisesHoldFor(501, 1_000, []);
