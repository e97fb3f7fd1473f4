import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import type { ClusterPostgres } from '../cluster/cluster-postgres.ts';
import type { ClusterProcess } from '../cluster/cluster-server.ts';
import { type Cluster, type ClusterOptions, openCluster } from '../cluster/open-cluster.ts';
import type { CassandraServer } from '../engines/cassandra.ts';
import type { FaultProxy } from '../faults/proxy.ts';
import { openWebPushService, type WebPushService } from '../push/web-push-service.ts';
import { calm } from './calm.ts';
import type { Found, Measured } from './history.ts';
import { createLinks, type Link, type Links } from './links.ts';
import { type Endpoint, loadSettings } from './load/options.ts';
import { openRedisPair, type RedisPair } from './redis-pair.ts';
import { createResourceWatch, type ResourceWatch, valuesOfEngines } from './resources.ts';
import { readStore } from './store.ts';
import { endpointAt, tell } from './told.ts';

export type ChaosProcess = ClusterProcess;

/** Everything that runs in a fault run but the people, with a network in which each link can be broken. */
export type ChaosStage = {
  readonly servers: readonly ChaosProcess[];
  readonly workers: readonly ChaosProcess[];
  readonly redis: RedisPair;
  readonly postgres: ClusterPostgres;
  readonly cassandra: CassandraServer | undefined;
  /** Takes what devices are woken with. */
  readonly web: WebPushService;
  /**
   * From `client` to each server, from each server and worker to `redis`, `postgres` and `cassandra`, from whoever does jobs to `push`, and
   * from `redis-replica` to `redis`. Throws where there is none.
   */
  link(from: string, to: string): FaultProxy;
  links(): readonly Link[];
  /** For each server, by its link. */
  readonly endpoints: readonly Endpoint[];
  /** Straight to PostgreSQL. */
  readonly databaseUrl: string;
  /** Straight from the store, by channel. */
  found(): Promise<readonly Found[]>;
  /**
   * What each process holds when its garbage is gone, and what all of them hold in Redis and PostgreSQL. What nobody follows any more is let
   * go a minute after that.
   */
  resources(moment: Measured['moment']): Promise<readonly Measured[]>;
  /** Ends of processes that nobody at the stage had asked for, in words: those that faults bring about by other ways, too. */
  crashes(): readonly string[];
  /** Everything is healed and stopped, in order; may be called twice. Resolves with the exit codes of servers and workers. */
  close(): Promise<readonly (number | null)[]>;
};

export type ChaosStageOptions = Pick<ClusterOptions, 'from' | 'log' | 'servers' | 'workers' | 'settings'> & {
  readonly seed: number;
  /** For Node, at every start of a server or worker. */
  readonly nodeOptions?: readonly string[];
  readonly onProgress: (words: string) => void;
  /** Each line of a log, with the name of its process before it. */
  readonly onLog?: (line: string) => void;
  /** The clock of the lines; milliseconds since this process began unless said. */
  readonly now?: () => number;
  /** Called at the end, the last one first. */
  readonly closers: (() => Promise<unknown>)[];
};

/** What servers call it when nobody says otherwise. */
const keyspace = 'parley';

/** Enough to see sockets go one by one. */
const drainSeconds = 2;

/** Rejects when something does not start, and has ended then what did. */
export async function openChaosStage({ closers, ...options }: ChaosStageOptions): Promise<ChaosStage> {
  const own: (() => Promise<unknown>)[] = [];
  const closeOwn = async () => {
    for (const close of own.splice(0).reverse()) await close();
  };
  try {
    const stage = await open(options, own);
    let closing: Promise<readonly (number | null)[]> | undefined;
    const close = () => (closing ??= stage.close().finally(closeOwn));
    closers.push(close);
    return { ...stage, close };
  } catch (error) {
    await closeOwn();
    throw error;
  }
}

type Options = Omit<ChaosStageOptions, 'closers'>;

async function open(options: Options, closers: ChaosStageOptions['closers']): Promise<ChaosStage> {
  const { log, settings, onProgress, onLog, now = () => performance.now() } = options;
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const web = await openWebPushService();
  closers.push(web.close);
  const believed = join(folder.path, 'believed.pem');
  await writeFile(believed, web.certificate);
  const links = createLinks(options.seed);
  closers.push(links.close);
  const watch = createResourceWatch();
  const metricsPorts = new Map<string, number>();
  const crashes: string[] = [];
  let redis: RedisPair | undefined;
  const cluster = await openCluster({
    ...{ from: options.from, servers: options.servers, workers: options.workers ?? 0, isRedis: true },
    ...(log !== undefined && { log }),
    settings: { ...loadSettings, ...settingsOf(web, believed), ...settings },
    each: (process) => tell(process, { options, links, metricsPorts, pushPort: web.port }),
    link: async (from, to, port) => (await links.open(from, to, port)).port,
    openRedis: async (keeper) => (redis = await openRedisPair(links, keeper)),
    ...{ onProgress, onLine: watch.onLine, ...(onLog && { onLog }) },
    onCrash: (words) => {
      crashes.push(words);
      onProgress(words);
    },
  });
  if (redis === undefined) throw new Error('The cluster was opened without Redis.');
  return stageOf({ cluster, links, web, redis, watch, metricsPorts, crashes, now });
}

const settingsOf = (web: WebPushService, believed: string) => ({
  DRAIN_SECONDS: String(drainSeconds),
  NODE_EXTRA_CA_CERTS: believed,
  PUSH_HOSTS: `localhost:${web.port}`,
  VAPID_SUBJECT: 'mailto:operator@chat.example',
});

type Parts = {
  readonly cluster: Cluster;
  readonly links: Links;
  readonly web: WebPushService;
  readonly redis: RedisPair;
  readonly watch: ResourceWatch;
  readonly metricsPorts: ReadonlyMap<string, number>;
  readonly crashes: readonly string[];
  readonly now: () => number;
};

function stageOf({ cluster, links, web, redis, watch, metricsPorts, crashes, now }: Parts): ChaosStage {
  const { servers, workers, postgres, cassandra, databaseUrl } = cluster;
  const processes = [...servers, ...workers];
  const measured = (values: Omit<Measured, 't' | 'kind'>): Measured => ({
    kind: 'resources',
    t: now(),
    ...values,
  });

  async function resources(moment: Measured['moment']): Promise<readonly Measured[]> {
    const each = await Promise.all(
      processes.map(async (process) => {
        const values = await watch.valuesOf(process, metricsPorts.get(process.name) ?? 0);
        return measured({ process: process.name, moment, values });
      }),
    );
    const shared = Object.entries(await valuesOfEngines({ redis, databaseUrl }));
    return [...each, ...shared.map(([process, values]) => measured({ process, moment, values }))];
  }

  return {
    ...{ servers, workers, redis, postgres, cassandra, web, databaseUrl, resources },
    link: links.find,
    links: links.all,
    endpoints: servers.map(({ name }) => endpointAt(links.find('client', name))),
    found: () =>
      readStore(
        { databaseUrl, cassandra: cassandra && { contactPoint: cassandra.contactPoint, keyspace } },
        now,
      ),
    crashes: () => [...crashes],
    async close() {
      await calm({ servers, redis, postgres, cassandra, workers }, links);
      return cluster.close();
    },
  };
}
