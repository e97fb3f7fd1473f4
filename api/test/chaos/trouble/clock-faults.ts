import type { Random } from '../../smoke/random.ts';
import { type ClockChange, clockSettings, clockWords, missingFaketime, sweepAfter } from './faketime.ts';
import type { Fault, FaultContext } from './fault.ts';
import { makeWhole, namesOf, processOf, restartOtherwise } from './processes.ts';

/** A server is started with another clock, and once more with the right one. */
const started = (changeBy: (random: Random) => ClockChange) =>
  async function begin({ stage, on, random }: FaultContext) {
    const process = processOf(stage, on);
    const change = changeBy(random);
    const isStarted = await restartOtherwise(process, { settings: clockSettings(change) });
    return {
      detail: clockWords(change),
      ...(!isStarted && { isOver: Promise.resolve() }),
      async heal() {
        const pid = process.pid();
        await process.kill();
        if (pid !== undefined) await sweepAfter(pid);
        await makeWhole(process);
        return isStarted ? undefined : 'it did not start';
      },
    };
  };

/** In half a minute three seconds: more than any computer, so that it is noticed. */
const rates = [0.9, 1.1] as const;

const clockFault = (name: string, changeBy: (random: Random) => ClockChange): Fault => ({
  name,
  weight: 1,
  isPossible: () => missingFaketime === undefined,
  targets: ({ servers }) => namesOf(servers),
  lastsMs: { least: 5_000, most: 30_000 },
  begin: started(changeBy),
});

/** What is wrong with the clock of one server. */
export const clockFaults: readonly Fault[] = [
  clockFault('clock-ahead', () => ({ offsetSeconds: 30 })),
  clockFault('clock-behind', () => ({ offsetSeconds: -30 })),
  clockFault('clock-drifts', (random) => ({ rate: random.pick(rates) })),
];
