import type { Clock } from './clock.ts';

/** A clock that stands still until it is moved. */
export type ManualClock = Clock & {
  /**
   * Moves time on by `ms`. Sleepers wake in the order of their times (equal ones in the order in which they went to sleep),
   * each at its own time, and what it does then, further sleeps included, is done before the next one wakes.
   */
  advance(ms: number): Promise<void>;
};

type Sleeper = { readonly wakesAt: number; readonly wake: () => void };

/** More wakings than any test means: somebody sleeps in a loop that never ends. */
const maxWakings = 1_000_000;

/** Lets everything run that can run without time passing: promises, and what was put off to the next turn. */
const quiet = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createManualClock(startMs: number): ManualClock {
  let now = startMs;
  /** By time, equal times in the order of arrival. */
  const sleepers: Sleeper[] = [];

  const add = (sleeper: Sleeper) => {
    let place = sleepers.length;
    while (place > 0 && (sleepers[place - 1]?.wakesAt ?? 0) > sleeper.wakesAt) place -= 1;
    sleepers.splice(place, 0, sleeper);
  };
  const remove = (sleeper: Sleeper) => {
    const place = sleepers.indexOf(sleeper);
    if (place >= 0) sleepers.splice(place, 1);
  };

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          signal?.removeEventListener('abort', wake);
          remove(sleeper);
          resolve();
        };
        const sleeper = { wakesAt: now + Math.max(ms, 0), wake };
        add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await quiet();
      for (let wakings = 0; ; wakings += 1) {
        const [next] = sleepers;
        if (!next || next.wakesAt > end) break;
        if (wakings === maxWakings) throw new Error('A sleeper wakes without end.');
        now = Math.max(now, next.wakesAt);
        next.wake();
        await quiet();
      }
      now = end;
    },
  };
}
