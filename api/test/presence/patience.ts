import type { Database } from '../../../prisma/open-database.ts';
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

/** So many turns without anything to wait for mean that nothing will begin any more. */
const restTurns = 20;

/** Resolves when all that was asked of the database is answered, and what follows from that done as far as it needs no time. */
export async function untilAtRest({ pool }: Pick<Database, 'pool'>): Promise<void> {
  let turns = 0;
  await untilTrue('the database is at rest', () => {
    turns = pool.idleCount === pool.totalCount && pool.waitingCount === 0 ? turns + 1 : 0;
    return turns > restTurns;
  });
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
