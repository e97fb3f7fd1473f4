import { setTimeout as pause } from 'node:timers/promises';
import type { FaultContext, Span } from './fault.ts';

export type Repeating = {
  /** Resolves with how often it happened, when it does not happen any more. */
  stop(): Promise<number>;
};

type Between = Pick<FaultContext, 'random' | 'signal'> & { readonly betweenMs: Span };

/** It happens now, and again and again, with pauses that are drawn. Rejects when it fails at once; that it fails later changes nothing. */
export async function repeat(
  happen: () => Promise<unknown>,
  { random, signal, betweenMs: { least, most } }: Between,
): Promise<Repeating> {
  await happen();
  let times = 1;
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  async function goOn(): Promise<void> {
    for (;;) {
      const ms = least + random.below(most - least);
      await pause(ms, undefined, { signal: either }).catch(() => undefined);
      if (either.aborted) return;
      const isDone = await happen().then(
        () => true,
        () => false,
      );
      if (isDone) times += 1;
    }
  }
  const going = goOn();
  return {
    async stop() {
      over.abort();
      await going;
      return times;
    },
  };
}
