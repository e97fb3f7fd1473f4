import type { ManualClock } from '../../../schema/ports/clock.manual.ts';

/** What needs no time of the clock is done within this, in milliseconds of the real one; more is a failure. */
const patienceMs = 3_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets the network and the database work until something is so, and says whether it is. Time stands still meanwhile. */
export async function becomesTrue(isTrue: () => boolean): Promise<boolean> {
  const until = Date.now() + patienceMs;
  while (!isTrue()) {
    if (Date.now() > until) return false;
    await turn();
  }
  return true;
}

/** The same, where it has to be so. */
export async function untilTrue(what: string, isTrue: () => boolean): Promise<void> {
  if (!(await becomesTrue(isTrue))) throw new Error(`Waited in vain: ${what}.`);
}

/** Lets time go on until something that waits for it is done. */
export async function untilDone(clock: ManualClock, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  void done.finally(() => {
    isDone = true;
  });
  const until = Date.now() + patienceMs;
  while (!isDone && Date.now() < until) await clock.advance(500);
  await done;
}
