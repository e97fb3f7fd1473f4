import type { ChaosProcess, ChaosStage } from '../stage.ts';

const none = (): never => {
  throw new Error('There is none of these in this test.');
};

const madeUp = (name: string, nth: number): ChaosProcess => ({
  ...{ name, port: 4_000 + nth, pid: () => 1 },
  stop: async () => 0,
  kill: async () => undefined,
  startAgain: async () => undefined,
});

type Engine = 'redis' | 'postgres' | 'cassandra' | 'databaseUrl' | 'link';

/** For tests of plans and their keeping: three servers and two workers that run and are only names, and no engines, unless there are others. */
export function madeUpStage(
  parts: Partial<Pick<ChaosStage, 'servers' | 'workers' | 'links' | Engine>> = {},
): ChaosStage {
  const {
    servers = ['server-1', 'server-2', 'server-3'].map(madeUp),
    workers = ['worker-1', 'worker-2'].map(madeUp),
    links = () => [],
    link = none,
    databaseUrl = '',
  } = parts;
  return {
    ...{ servers, workers, link, links, databaseUrl, cassandra: parts.cassandra },
    get redis() {
      return parts.redis ?? none();
    },
    get postgres() {
      return parts.postgres ?? none();
    },
    get web() {
      return none();
    },
    ...{ endpoints: [], crashes: () => [] },
    ...{ found: async () => [], resources: async () => [], close: async () => [] },
  };
}
