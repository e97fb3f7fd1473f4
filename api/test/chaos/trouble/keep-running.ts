import type { Clock } from '../../../../schema/ports/clock.ts';
import type { ChaosProcess } from '../stage.ts';
import { makeWhole } from './processes.ts';

type Options = {
  readonly processes: readonly ChaosProcess[];
  /** Whether something is being done to it: then that is to start it again. */
  readonly isBroken: (name: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** One has ended though nothing was done to it, and is started again. */
  readonly onEnded: (name: string) => void;
};

const lookMs = 1_000;

/**
 * Starts again what ends by itself, as a service manager does: what else breaks is to meet a whole cluster. Resolves after the signal, when
 * all run. Rejects when one of them does not start any more.
 */
export async function keepRunning({ processes, isBroken, clock, signal, onEnded }: Options): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(lookMs, signal);
    for (const process of processes) {
      if (process.pid() !== undefined || isBroken(process.name)) continue;
      onEnded(process.name);
      await makeWhole(process);
    }
  }
}
