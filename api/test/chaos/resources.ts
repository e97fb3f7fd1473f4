import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { createMemoryWatch } from '../../../bench/memory.ts';
import type { ServerProcessOptions } from '../../../bench/server-process.ts';
import { packageRoot } from '../../../prisma/package-root.ts';
import type { ClusterProcess } from '../cluster/cluster-server.ts';
import type { RedisServer } from '../engines/redis.ts';
import type { Measured } from './history.ts';

type Values = Measured['values'];

const program = join(packageRoot, 'bench', 'collect-garbage.ts');
const loader = import.meta.resolve('tsx');

/** What Node is told so that a process collects its garbage when it is asked to. A file of ours needs the loader, until it is built. */
export const collectable = (from: ServerProcessOptions['from']): readonly string[] =>
  from === 'dist' || from === 'naive'
    ? ['--import', pathToFileURL(join(packageRoot, 'dist', 'bench', 'collect-garbage.js')).href]
    : ['--import', loader, '--import', pathToFileURL(program).href];

/** By our names, those of the metrics. The names of ours say to the checker how far each may grow. */
const metrics: Readonly<Record<string, string>> = {
  handles: 'nodejs_active_handles_total',
  requests: 'nodejs_active_requests_total',
  openFiles: 'process_open_fds',
  sockets: 'parley_sockets_open',
  eventStreams: 'parley_event_streams_open',
  socketsPending: 'parley_sockets_pending',
  socketOperations: 'parley_socket_operations',
  socketBufferedBytes: 'parley_socket_buffered_bytes',
  subscriptions: 'parley_subscriptions_open',
  // One for each channel and each person that a reader follows, and a few more.
  hubs: 'parley_topics_open',
  redisSubscriptions: 'parley_bus_topics',
  peopleConnected: 'parley_people_connected',
  peopleWatched: 'parley_people_watched',
};

/** Of the lines without labels; what is not there is left out: a worker has no sockets. */
export function valuesIn(text: string): Values {
  const found = new Map(
    text.split('\n').flatMap((line): [string, number][] => {
      const [, name, value] = /^([a-z_]+) (\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, metric]): [string, number][] => {
      const value = found.get(metric);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Hears what processes say of their garbage, and says what each process holds. */
export type ResourceWatch = {
  onLine(name: string, line: string): void;
  /** After its garbage is gone. Rejects when it does not run. */
  valuesOf(process: ClusterProcess, metricsPort: number): Promise<Values>;
};

const mb = 1_048_576;
const answerMs = 10_000;

export function createResourceWatch(): ResourceWatch {
  const watches = new Map<string, ReturnType<typeof createMemoryWatch>>();
  function watchOf(name: string) {
    const watch = watches.get(name) ?? createMemoryWatch();
    watches.set(name, watch);
    return watch;
  }
  return {
    onLine: (name, line) => watchOf(name).onLine(line),
    async valuesOf({ name, pid }, metricsPort) {
      const running = pid();
      if (running === undefined) throw new Error(`${name} does not run, so nobody knows what it holds.`);
      const { heapMb, rssMb } = await watchOf(name).settled(running);
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, {
        signal: AbortSignal.timeout(answerMs),
      });
      return {
        heapBytes: Math.round(heapMb * mb),
        rssBytes: Math.round(rssMb * mb),
        ...valuesIn(await answer.text()),
      };
    },
  };
}

/** What all processes together hold in the engines that they share. */
export async function valuesOfEngines({ redis, databaseUrl }: { redis: RedisServer; databaseUrl: string }) {
  const [, clients] = /^connected_clients:(\d+)/m.exec(await redis.tell('INFO clients')) ?? [];
  const [, topics] = /^\*(\d+)/.exec(await redis.tell('PUBSUB CHANNELS')) ?? [];
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const statement =
      "SELECT count(*)::int AS backends FROM pg_stat_activity WHERE backend_type = 'client backend'";
    const [row] = (await client.query<{ backends: number }>(statement)).rows;
    return {
      redis: { clients: Number(clients), topicSubscriptions: Number(topics) },
      postgres: { backends: row?.backends ?? 0 },
    };
  } finally {
    await client.end();
  }
}
