import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createRoundsObserver } from './observe-rounds.ts';

it('counts what became of attempts to commit, each outcome from the beginning, and new partitions', async () => {
  const registry = new Registry();
  const observer = createRoundsObserver(registry);
  const linesOf = async (name: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
  const attempts = 'parley_cassandra_attempts_total';
  for (const outcome of ['committed', 'lost', 'known', 'unknown', 'refused'])
    expect(await linesOf(attempts)).toContain(`${attempts}{outcome="${outcome}"} 0`);
  for (const outcome of ['lost', 'committed', 'lost', 'unknown'] as const) observer.onAttempt(outcome);
  observer.onRollOver();
  expect(await linesOf(attempts)).toEqual([
    `${attempts}{outcome="committed"} 1`,
    `${attempts}{outcome="lost"} 2`,
    `${attempts}{outcome="known"} 0`,
    `${attempts}{outcome="unknown"} 1`,
    `${attempts}{outcome="refused"} 0`,
  ]);
  expect(await linesOf('parley_cassandra_roll_overs_total')).toEqual(['parley_cassandra_roll_overs_total 1']);
});
