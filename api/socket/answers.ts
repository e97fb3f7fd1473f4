import type { Clock } from '../../schema/ports/clock.ts';

/** The queries and mutations of one socket that are being answered. Subscriptions are none of these: they go on. */
export type Answers = {
  keep(answer: Promise<void>): Promise<void>;
  /** Calls back when all of now are answered, at once when there are none; at the latest after `patienceMs`. */
  whenDone(callBack: () => void): void;
  /** Resolves when all of now are answered. */
  settled(): Promise<void>;
};

/** Whoever signs out over a socket shall hear that it worked before the socket closes. What takes longer is not waited for: a revoked session is cut within 5 s. */
const patienceMs = 1_000;

export function createAnswers(clock: Clock): Answers {
  let open: Set<Promise<void>> | undefined; // most sockets ask nothing
  return {
    async keep(answer) {
      open ??= new Set();
      open.add(answer);
      try {
        await answer;
      } finally {
        open?.delete(answer);
      }
    },
    async settled() {
      await Promise.allSettled(open ?? []);
    },
    whenDone(callBack) {
      if (open === undefined || open.size === 0) return callBack();
      const patience = new AbortController();
      const done = Promise.allSettled(open).then(() => patience.abort());
      void Promise.race([done, clock.sleep(patienceMs, patience.signal)]).then(callBack);
    },
  };
}
