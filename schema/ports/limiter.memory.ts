import type { Clock } from './clock.ts';
import type { Limiter, RateRule } from './limiter.ts';

type Window = { taken: number; readonly freshAt: number };
type Settings = {
  readonly clock: Clock;
  /** Of each rule; a window takes about 200 bytes. Rules do not crowd each other out. */
  readonly maxKeys?: number;
};

/**
 * The reference, and the real one of a single process. Own code, since the memory limiter of rate-limiter-flexible asks the
 * machine's clock, holds a timer per key and as many keys as come; over Redis, where that library is at home, none of it matters.
 */
export function openMemoryLimiter({ clock, maxKeys = 100_000 }: Settings): Limiter {
  /** By name of the rule. Windows of one rule are equally long: the order in which they began is that in which they end. */
  const rules = new Map<string, Map<string, Window>>();
  const windowsOf = ({ name }: RateRule): Map<string, Window> => {
    const windows = rules.get(name) ?? new Map<string, Window>();
    rules.set(name, windows);
    const now = clock.now();
    for (const [key, { freshAt }] of windows) {
      if (freshAt > now) break;
      windows.delete(key);
    }
    return windows;
  };
  const begin = (windows: Map<string, Window>, rule: RateRule, key: string): Window => {
    const oldest = windows.keys().next();
    if (windows.size >= maxKeys && !oldest.done) windows.delete(oldest.value);
    const window = { taken: 0, freshAt: clock.now() + rule.windowMs };
    windows.set(key, window);
    return window;
  };

  return {
    async take(rule, key, count = 1) {
      const windows = windowsOf(rule);
      const window = windows.get(key) ?? begin(windows, rule, key);
      const isGranted = window.taken + count <= rule.most;
      if (isGranted) window.taken += count;
      return { isGranted, left: rule.most - window.taken, freshAt: window.freshAt };
    },
    async giveBack(rule, key, count = 1) {
      const window = windowsOf(rule).get(key);
      if (window !== undefined) window.taken = Math.max(0, window.taken - count);
    },
    async countOf(rule, key) {
      return windowsOf(rule).get(key)?.taken ?? 0;
    },
    async reset(rule, key) {
      windowsOf(rule).delete(key);
    },
    async close() {
      rules.clear();
    },
  };
}
