import { join } from 'node:path';
import type { Keeper } from '../../../bench/server-process.ts';
import { type CassandraServer, startCassandra } from '../engines/cassandra.ts';
import { type RedisServer, startRedis } from '../engines/redis.ts';
import { type ClusterPostgres, openClusterPostgres } from './cluster-postgres.ts';
import type { LogName } from './log-name.ts';

/** What several servers share. */
export type ClusterEngines = {
  readonly postgres: ClusterPostgres;
  /** Absent: there is one server, which hears only itself. */
  readonly redis: RedisServer | undefined;
  /** Where messages are; absent: in PostgreSQL. */
  readonly cassandra: CassandraServer | undefined;
};

type Opening = {
  /** Servers and workers. */
  readonly processes: number;
  readonly isRedis: boolean;
  readonly log: LogName;
  /** A folder that goes at the end. */
  readonly folder: string;
  /** In it, that of PostgreSQL. */
  readonly dataDir: string;
  readonly keeper: Keeper;
  /** Called at the end, the last one first. */
  readonly closers: (() => Promise<unknown>)[];
  readonly onProgress: (words: string) => void;
  /** Absent: one alone. */
  readonly openRedis?: OpenRedis | undefined;
};

export type OpenRedis = (keeper: Keeper) => Promise<RedisServer>;
/** At which port of this computer an engine that has this one is reached. */
export type Through = (to: keyof ClusterEngines, port: number) => Promise<number>;

/** Connections of a process: those of its pool, the one that keeps its place, and one for whoever looks on. */
const connectionsEach = 24;

/** Starts one after the other. Rejects when one does not start; what did is in `closers`. */
export async function openClusterEngines(opening: Opening): Promise<ClusterEngines> {
  const { processes, isRedis, log, folder, dataDir, keeper, closers, onProgress } = opening;
  const { openRedis = () => startRedis([], keeper) } = opening;
  const opened = <T extends { close(): Promise<unknown> }>(engine: T, name: string): T => {
    closers.push(engine.close);
    onProgress(`${name} runs.`);
    return engine;
  };
  const maxConnections = (processes + 1) * connectionsEach;
  const postgres = opened(
    await openClusterPostgres({ dataDir, maxConnections, onNotice: onProgress }),
    'PostgreSQL',
  );
  const redis = isRedis ? opened(await openRedis(keeper), 'Redis') : undefined;
  const cassandra =
    log === 'cassandra'
      ? opened(await startCassandra({ folder: join(folder, 'cassandra') }, keeper), 'Cassandra')
      : undefined;
  return { postgres, redis, cassandra };
}

/** What a server is told, so that it finds them. */
export const settingsFor = async ({ postgres, redis, cassandra }: ClusterEngines, through: Through) => ({
  DATABASE_URL: await moved(postgres.url, (port) => through('postgres', port)),
  ...(redis && { REDIS_URL: await moved(redis.url, (port) => through('redis', port)) }),
  ...(cassandra && {
    CASSANDRA_CONTACT_POINTS: `127.0.0.1:${await through('cassandra', cassandra.port)}`,
  }),
});

async function moved(address: string, through: (port: number) => Promise<number>): Promise<string> {
  const url = new URL(address);
  url.port = String(await through(Number(url.port)));
  return url.href;
}
