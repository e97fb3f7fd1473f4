import type { Clock } from '../schema/ports/clock.ts';

const mostSteps = 50;

/** Does something to each of them, spread evenly over a time: clients that are sent away then do not all come back at once. */
export async function inSteps<T>(
  all: readonly T[],
  { overMs, clock }: { readonly overMs: number; readonly clock: Clock },
  each: (one: T) => void,
): Promise<void> {
  const steps = Math.min(all.length, mostSteps);
  for (let step = 0; step < steps; step += 1) {
    const [first, next] = [step, step + 1].map((count) => Math.round((count * all.length) / steps));
    for (const one of all.slice(first, next)) each(one);
    if (overMs > 0) await clock.sleep(overMs / steps);
  }
}
