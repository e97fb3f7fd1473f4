/** The only source of time and of waiting: tests move it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects: look at the signal). Does not keep the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      timer.unref();
      const giveUp = () => {
        // Of timers that do not keep the process alive Node keeps the list for each length of time until that is over, also when
        // it is empty: a socket that came and went would leave one behind for as long as its token is good.
        timer.ref();
        clearTimeout(timer);
        wake();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
    }),
});
