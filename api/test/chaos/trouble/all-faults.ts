import { cassandraFaults } from './cassandra-faults.ts';
import { clientFaults } from './client-faults.ts';
import { clockFaults } from './clock-faults.ts';
import { crashFaults } from './crash-faults.ts';
import { diskFaults } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { linkFaults } from './link-faults.ts';
import { postgresFaults } from './postgres-faults.ts';
import { redisFaults } from './redis-faults.ts';
import { serverFaults } from './server-faults.ts';

/** Everything that can go wrong. */
export const allFaults: readonly Fault[] = [
  ...serverFaults,
  ...crashFaults,
  ...redisFaults,
  ...postgresFaults,
  ...cassandraFaults,
  ...diskFaults,
  ...linkFaults,
  ...clientFaults,
  ...clockFaults,
];

/** Those whose name is one of these, or begins with one: `redis`, `server-kill`. Throws with the names that there are. */
export function faultsNamed(names: readonly string[]): readonly Fault[] {
  if (names.length === 0) return allFaults;
  const isIn = ({ name }: Fault, wanted: string) => name === wanted || name.startsWith(`${wanted}-`);
  const unknown = names.find((wanted) => !allFaults.some((fault) => isIn(fault, wanted)));
  if (unknown !== undefined)
    throw new Error(`--faults knows ${allFaults.map(({ name }) => name).join(', ')}, not ${unknown}.`);
  return allFaults.filter((fault) => names.some((wanted) => isIn(fault, wanted)));
}
