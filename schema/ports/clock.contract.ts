import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';

export type ClockWorld = {
  readonly clock: Clock;
  /** Lets at least this much time pass. */
  pass(ms: number): Promise<void>;
};

/** What every clock promises. Waits are short, because one of them is the machine's. */
export function clockContract(name: string, openWorld: () => ClockWorld): void {
  describe(`clock: ${name}`, () => {
    it('tells milliseconds that grow by what passes', async () => {
      const { clock, pass } = openWorld();
      const before = clock.now();
      expect(Number.isSafeInteger(before)).toBe(true);
      expect(before).toBeGreaterThan(Date.UTC(2020));
      await pass(5);
      expect(clock.now()).toBeGreaterThanOrEqual(before + 5);
    });

    it('wakes sleepers after their time, the shorter sleep first', async () => {
      const { clock, pass } = openWorld();
      const woken: number[] = [];
      const sleeping = [40, 1, 20].map((ms) => clock.sleep(ms).then(() => woken.push(ms)));
      await pass(60);
      await Promise.all(sleeping);
      expect(woken).toEqual([1, 20, 40]);
    });

    it('wakes at once, without rejecting, when the signal aborts before or during the sleep', async () => {
      const { clock } = openWorld();
      const controller = new AbortController();
      const during = clock.sleep(1e9, controller.signal);
      controller.abort();
      await during;
      await clock.sleep(1e9, controller.signal);
    });

    it('keeps no hold of a signal that outlives the sleep', async () => {
      const { clock, pass } = openWorld();
      const { signal } = new AbortController();
      const held = () => getEventListeners(signal, 'abort').length;
      const sleeping = clock.sleep(1, signal);
      expect(held()).toBe(1);
      await pass(1);
      await sleeping;
      expect(held()).toBe(0);
    });
  });
}
