import { setTimeout as pause } from 'node:timers/promises';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import type { LogName } from '../cluster/log-name.ts';
import { type Cluster, openCluster } from '../cluster/open-cluster.ts';
import type { CassandraServer } from '../engines/cassandra.ts';
import type { RedisServer } from '../engines/redis.ts';
import { createRandom, type Random } from './random.ts';
import { type Found, readByDatabase } from './read-log.ts';
import { readLogByCql } from './read-log-cassandra.ts';
import type { OwnStage, StageOptions } from './stage.ts';

export type ClusterStageOptions = StageOptions & {
  readonly servers: number;
  readonly isRedis: boolean;
  readonly log: LogName;
};

/** Something that happens to a cluster, until everything runs again. */
type Trouble = { readonly name: string; readonly happen: () => Promise<unknown> };

/** Enough to see sockets go one by one; a fleet that serves people takes longer. */
const drainSeconds = 2;
/** Longer than anything in a server waits for Redis. */
const redisPauseMs = 10_000;
/** Longer than a stream repeats a round by itself: what is sent meanwhile is repeated by whoever sent it. */
const cassandraPauseMs = 8_000;
/** As the servers call it when nobody says otherwise. */
const keyspace = 'parley';

/** Several servers behind HAProxy. Their troubles come in rounds: in each round everything happens once, in an order by the seed. */
export async function openClusterStage(options: ClusterStageOptions): Promise<OwnStage> {
  const { closers, onProgress, seed, signal, rewrite, ...wanted } = options;
  let crash: string | undefined;
  const cluster = await openCluster({
    ...wanted,
    settings: { DRAIN_SECONDS: String(drainSeconds) },
    onProgress,
    onLog: onProgress,
    onCrash: (words) => {
      crash ??= words;
    },
  });
  closers.push(cluster.close);
  const proxy = await openTcpProxy({ targetPort: cluster.haproxy.port, ...(rewrite && { rewrite }) });
  closers.push(proxy.close);
  const troubles = troublesOf(cluster, createRandom(seed));
  const counts = Object.fromEntries(troubles.map(({ name }) => [name, 0]));
  const turns = createTurns(troubles, createRandom(seed + 1));
  return {
    proxy,
    httpUrl: new URL('graphql', cluster.url).href,
    found: () => foundIn(cluster),
    troubles: () => counts,
    stop: () => Promise.all(cluster.servers.map((server) => server.stop())),
    async trouble() {
      if (signal.aborted) return;
      const { name, happen } = turns();
      await happen();
      if (crash !== undefined) throw new Error(crash);
      counts[name] = (counts[name] ?? 0) + 1;
      onProgress(`${name}: ${counts[name]}`);
    },
  };
}

async function foundIn({ databaseUrl, cassandra }: Cluster): Promise<Found> {
  if (cassandra === undefined) return readByDatabase(databaseUrl);
  return readByDatabase(databaseUrl, await readLogByCql({ contactPoint: cassandra.contactPoint, keyspace }));
}

function createTurns(troubles: readonly Trouble[], random: Random): () => Trouble {
  let round: Trouble[] = [];
  return () => {
    if (round.length === 0) round = random.pickSome(troubles, troubles.length);
    const next = round.pop();
    if (next === undefined) throw new Error('There is nothing that could happen.');
    return next;
  };
}

function troublesOf({ servers, postgres, redis, cassandra }: Cluster, random: Random): readonly Trouble[] {
  return [
    {
      name: 'kills',
      async happen() {
        const server = random.pick(servers);
        await server.kill();
        await server.startAgain();
      },
    },
    {
      name: 'drains',
      async happen() {
        const server = random.pick(servers);
        const code = await server.stop();
        if (code !== 0) throw new Error(`${server.name} was stopped, and ended with exit code ${code}.`);
        await server.startAgain();
      },
    },
    {
      name: 'postgresRestarts',
      async happen() {
        await postgres.stop();
        await postgres.startAgain();
      },
    },
    ...(redis ? redisTroubles(redis) : []),
    ...(cassandra ? cassandraTroubles(cassandra) : []),
  ];
}

const redisTroubles = (redis: RedisServer): readonly Trouble[] => [
  { name: 'redisWipes', happen: () => redis.tell('FLUSHALL') },
  { name: 'redisCuts', happen: () => redis.tell('CLIENT KILL TYPE pubsub') },
  {
    name: 'redisPauses',
    async happen() {
      redis.pause();
      await pause(redisPauseMs);
      redis.resume();
    },
  },
  {
    name: 'redisKills',
    async happen() {
      await redis.kill();
      await redis.startAgain();
    },
  },
];

/** What it has acknowledged is on its disk before. */
const cassandraTroubles = (cassandra: CassandraServer): readonly Trouble[] => [
  {
    name: 'cassandraKills',
    async happen() {
      await cassandra.kill();
      await cassandra.startAgain();
    },
  },
  {
    name: 'cassandraPauses',
    async happen() {
      cassandra.pause();
      await pause(cassandraPauseMs);
      cassandra.resume();
    },
  },
];
