import { promisesHoldFor } from './sim/promises.ts';

/**
 * The real stream over a simulated store, bus and clock (`sim/`): servers crash, hints are lost, outcomes stay unknown, people
 * come and go. The other half of the seeds is in `stream-more.sim.test.ts`, so that two processors share them. A seed that broke
 * a promise is pasted here while it is looked into.
 */
const suspects: readonly number[] = [];

promisesHoldFor(1, 500, suspects);
