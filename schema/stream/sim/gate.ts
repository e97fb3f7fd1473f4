import type { Clock } from '../../ports/clock.ts';
import type { Chance } from './chance.ts';
import type { Weather } from './weather.ts';

/** What a call rejects with when the store did not answer, or the answer was lost. */
export class StoreDown extends Error {
  override readonly name = 'StoreDown';
}

/**
 * All that one server process sees of the world passes through its gate, and takes as long as chance wants. When the process
 * is dead nothing passes any more: its calls are never answered and its sleepers never wake.
 */
export interface Gate {
  readonly isAlive: boolean;
  /** The process ends its subscriptions by itself. */
  isClosing: boolean;
  /** Resolves when the process dies. */
  readonly crashed: Promise<undefined>;
  /** Goes there, takes effect, comes back. What had left before a crash may still take effect. */
  call<T>(effect: () => Promise<T>): Promise<T>;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Everything on its way in or out is this much later. */
  pause(ms: number): void;
  /** Connections to the store are lost: nobody learns what became of the calls on their way. */
  disconnect(): void;
  crash(): void;
}

export const never = <T>() => new Promise<T>(() => undefined);

export type GateSettings = {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly weather: Weather;
  /** True while chance may hurt somebody. */
  readonly isStormy: () => boolean;
  readonly onCrash: () => void;
};

export function createGate({ clock, chance, weather, isStormy, onCrash }: GateSettings): Gate {
  let isAlive = true;
  let pausedUntil = 0;
  let connection = 0;
  let die: () => void = () => undefined;
  const crashed = new Promise<undefined>((resolve) => {
    die = () => resolve(undefined);
  });

  function crash(): void {
    if (!isAlive) return;
    isAlive = false;
    die();
    onCrash();
  }

  function hopMs(): number {
    if (isStormy() && chance.happens(weather.stalling)) return chance.between(500, 4_000);
    return chance.happens(0.9) ? chance.between(0, 8) : chance.between(8, weather.isCalm ? 20 : 120);
  }

  async function hop(): Promise<void> {
    await clock.sleep(Math.max(hopMs(), pausedUntil - clock.now()));
  }

  return {
    get isAlive() {
      return isAlive;
    },
    isClosing: false,
    crashed,
    async call(effect) {
      const leftOn = connection;
      await hop();
      if (connection !== leftOn) throw new StoreDown('The connection is lost.');
      if (!isAlive && chance.happens(0.5)) return never();
      const answer = await effect();
      if (isAlive && isStormy() && chance.happens(weather.crashing)) crash();
      await hop();
      if (!isAlive) return never();
      if (connection !== leftOn) throw new StoreDown('The connection is lost.');
      return answer;
    },
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      if (!isAlive) await never();
    },
    pause(ms) {
      pausedUntil = clock.now() + ms;
    },
    disconnect() {
      connection += 1;
    },
    crash,
  };
}
