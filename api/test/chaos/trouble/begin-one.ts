import { createRandom, type Random } from '../../smoke/random.ts';
import type { ChaosStage } from '../stage.ts';
import type { Begun, Fault } from './fault.ts';
import { madeUpLoad } from './made-up-load.ts';

export type One = {
  readonly stage: ChaosStage;
  readonly on: string;
  readonly random?: Random;
  /** What waits for something does not: its signal has aborted. */
  readonly isHurried?: boolean;
};

/** For tests: begins the fault of this name. */
export async function beginOne(faults: readonly Fault[], name: string, one: One): Promise<Begun> {
  const { stage, on, random = createRandom(1), isHurried = false } = one;
  const fault = faults.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`There is no fault ${name}.`);
  if (!fault.isPossible(stage) || !fault.targets(stage).includes(on))
    throw new Error(`${name} cannot happen to ${on}.`);
  const signal = isHurried ? AbortSignal.abort() : new AbortController().signal;
  return fault.begin({ stage, load: madeUpLoad(), random, signal, on, lastsMs: 1_000 });
}

/** Of things to pick from, the one at this place. */
export const picks = (nth: number): Random => ({
  ...createRandom(1),
  pick(things) {
    const [found] = things.slice(nth);
    if (found === undefined) throw new Error('Nothing to pick from.');
    return found;
  },
});
