/** Where a cluster keeps what is said: in the PostgreSQL that it has anyway, or in a Cassandra beside it. */
export const logNames = ['postgres', 'cassandra'] as const;
export type LogName = (typeof logNames)[number];

const isLogName = (name: string): name is LogName => logNames.some((known) => known === name);

/** What `--log` says; throws with words for whoever typed something else. */
export function readLogName(given: string): LogName {
  if (isLogName(given)) return given;
  throw new Error(`--log is ${logNames.join(' or ')}, not ${given === '' ? 'nothing' : given}.`);
}
