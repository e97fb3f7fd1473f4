/** Waits for what a run waits for, and for what may end it before. */
export type Watch = {
  /** Something happened: whoever waits looks again. */
  note(): void;
  /** Ends the run with these words; only the first ones count. */
  fail(problem: string): void;
  /** What is promised, unless the run ends before. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** Resolves when nothing is missing any more. Rejects with what is missing after so long. */
  until(missing: () => string | undefined, withinMs: number): Promise<void>;
};

export function createWatch(signal: AbortSignal): Watch {
  let look = () => {};
  let fail: (problem: string) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = (problem) => reject(new Error(problem));
  });
  failed.catch(() => undefined); // whoever waits hears of it
  const onAbort = () => fail(`The run ${signal.reason}.`);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const race = <T>(promise: Promise<T>) => Promise.race([promise, failed]);
  return {
    note: () => look(),
    fail,
    race,
    async until(missing, withinMs) {
      const timer = setTimeout(() => fail(`Still missing after ${withinMs} ms: ${missing()}`), withinMs);
      try {
        const done = new Promise<void>((resolve) => {
          look = () => (missing() === undefined ? resolve() : undefined);
        });
        look();
        await race(done);
      } finally {
        clearTimeout(timer);
        look = () => {};
      }
    },
  };
}
