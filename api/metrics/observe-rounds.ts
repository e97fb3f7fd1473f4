import { Counter, type Registry } from 'prom-client';
import type { AttemptOutcome, EventLogObserver } from '../../schema/ports/event-log.ts';

/** All of them are there from the beginning, so that a rate can be told from the first one on. */
const outcomes: { readonly [outcome in AttemptOutcome]: true } = {
  ...{ committed: true, lost: true, known: true, unknown: true, refused: true },
};

/** How rounds fare in a store where others may be first. With the log in PostgreSQL, which lets rounds wait instead, all of it stays 0. */
export function createRoundsObserver(registry: Registry): EventLogObserver {
  const registers = [registry];
  const attempts = new Counter({
    name: 'parley_cassandra_attempts_total',
    help: 'Conditional batches by what became of them: committed; lost (another server was first), known (nonces were there), unknown (no answer in time): repeated; refused.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of Object.keys(outcomes)) attempts.inc({ outcome }, 0);
  const rollOvers = new Counter({
    name: 'parley_cassandra_roll_overs_total',
    help: 'How often this server was the first to write into a new partition of a channel, as the one before was full.',
    registers,
  });
  return {
    onAttempt: (outcome) => attempts.inc({ outcome }),
    onRollOver: () => rollOvers.inc(),
  };
}
