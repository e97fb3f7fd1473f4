import { useSyncExternalStore } from 'react';

/** Often enough for what is told again each minute. */
const everyMs = 15_000;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) timer = setInterval(tick, everyMs);
  listeners.add(listener);
  // Nobody has counted while nothing was shown.
  if (Date.now() - now >= everyMs) queueMicrotask(tick);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** The time by the clock of this device, exact to 15 seconds; what shows it is drawn again when it has moved on. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);
