import type { Conditions } from '../../faults/proxy.ts';
import type { ChaosStage } from '../stage.ts';
import type { Fault, FaultContext } from './fault.ts';

const ofCassandra = (fault: Pick<Fault, 'name' | 'weight' | 'begin'> & Partial<Fault>): Fault => ({
  isPossible: ({ cassandra }) => cassandra !== undefined,
  targets: () => ['cassandra'],
  ...fault,
});

function cassandraOf({ cassandra }: ChaosStage) {
  if (cassandra === undefined) throw new Error('There is no Cassandra at this stage.');
  return cassandra;
}

/** As `kill -9`; what it has acknowledged is on its disk before. */
async function kill({ stage }: FaultContext) {
  const cassandra = cassandraOf(stage);
  await cassandra.kill();
  return { heal: () => cassandra.startAgain() };
}

/** It stands still with whatever it was doing, and does it later: rounds that nobody waits for any more, too. */
async function freeze({ stage }: FaultContext) {
  const cassandra = cassandraOf(stage);
  cassandra.pause();
  return { heal: async () => cassandra.resume() };
}

/** What is said arrives and is not answered, or does not arrive, or neither. */
const blackholes: readonly Conditions[] = [{ silent: 'both' }, { silent: 'down' }, { silent: 'up' }];

/** Nobody reaches it, or nobody hears from it, and nobody is told. What happens to one link of it at a time is among the faults of links. */
async function swallow({ stage, random }: FaultContext) {
  const links = stage.links().filter(({ to }) => to === 'cassandra');
  const conditions = random.pick(blackholes);
  const set = async (next: Conditions) => {
    await Promise.all(links.map(({ proxy }) => proxy.set(next)));
  };
  await set(conditions);
  return { detail: `${JSON.stringify(conditions)} on ${links.length} links`, heal: () => set({}) };
}

/** Without it nothing can be acknowledged. */
const shortOutage = { least: 200, most: 10_000 } as const;

/** What happens to Cassandra, where messages are in one. */
export const cassandraFaults: readonly Fault[] = [
  ofCassandra({ name: 'cassandra-kill', weight: 2, begin: kill, lastsMs: shortOutage, healsMs: 20_000 }),
  ofCassandra({ name: 'cassandra-freeze', weight: 2, begin: freeze, healsMs: 2_000 }),
  ofCassandra({ name: 'cassandra-blackhole', weight: 2, begin: swallow, healsMs: 2_000 }),
];
