/** Some work, one at a time. */
export type Again = {
  /** It is to be done; when it is just being done, once more behind that. */
  want(): void;
  /** Resolves when nothing is to be done. Rejects when something could not be. */
  settled(): Promise<void>;
};

export function again(work: () => Promise<unknown>): Again {
  let isWanted = false;
  let isRunning = false;
  let running = Promise.resolve();

  async function run(): Promise<void> {
    try {
      while (isWanted) {
        isWanted = false;
        await work();
      }
    } finally {
      isRunning = false;
    }
  }

  return {
    want() {
      isWanted = true;
      if (isRunning) return;
      isRunning = true;
      running = running.then(run); // after a failure there is no more
      running.catch(() => undefined); // whoever asks whether it is settled hears of it
    },
    settled: () => running,
  };
}
