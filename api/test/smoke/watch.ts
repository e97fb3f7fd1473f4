/** Waits for what a run waits for, and for what may end it before. */
export type Watch = {
  /** Something happened: whoever waits looks again, and waits as long again. */
  note(): void;
  /** Ends the run with these words; only the first ones count. */
  fail(problem: string): void;
  /** What is promised, unless the run ends before. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** Resolves when nothing is missing any more. Rejects with what is missing when nothing has happened for so long. */
  until(missing: () => string | undefined, quietMs: number): Promise<void>;
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
    async until(missing, quietMs) {
      const giveUp = () => fail(`Nothing came for ${quietMs} ms, and still missing: ${missing()}`);
      const timer = setTimeout(giveUp, quietMs);
      try {
        const done = new Promise<void>((resolve) => {
          look = () => {
            timer.refresh();
            if (missing() === undefined) resolve();
          };
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
