import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Keeper, type ServerProcessOptions } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import {
  type ClusterEngines,
  type OpenRedis,
  openClusterEngines,
  settingsFor,
  type Through,
} from './cluster-engines.ts';
import { postmasterFile } from './cluster-postgres.ts';
import {
  type ClusterProcess,
  type ClusterServer,
  startClusterServer,
  startClusterWorker,
  type Told,
} from './cluster-server.ts';
import { type Haproxy, startHaproxy } from './haproxy.ts';
import type { LogName } from './log-name.ts';
import { openKeeper } from './open-keeper.ts';

/** Several servers behind HAProxy and workers, over engines that they share, all as processes on loopback. */
export type Cluster = ClusterEngines & {
  readonly servers: readonly ClusterServer[];
  readonly workers: readonly ClusterProcess[];
  readonly haproxy: Haproxy;
  /** HAProxy, for browsers; GraphQL is at `/graphql` there. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Sends sockets away, stops servers and workers, then what they stand on. Resolves with their exit codes. */
  close(): Promise<readonly (number | null)[]>;
};

export type ClusterOptions = {
  readonly servers: number;
  /** Beside the servers, which leave the jobs to them then; without any, every server does jobs. */
  readonly workers?: number;
  /** More than one server, and a worker, need it. */
  readonly isRedis: boolean;
  /** Where messages are; PostgreSQL when it is not said. */
  readonly log?: LogName;
  /** As startServerProcess has it. */
  readonly from: ServerProcessOptions['from'];
  /** Where clients come; a free port when it is not said. */
  readonly port?: number;
  /** For every server and worker, by their names in api/config.ts. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What one of them is told besides, at every start. */
  readonly each?: (process: { readonly name: string; readonly port: number }) => Promise<Told>;
  /** How one of them, by its name, reaches an engine; absent: as it is. */
  readonly link?: (from: string, ...to: Parameters<Through>) => ReturnType<Through>;
  /** In place of one Redis alone. */
  readonly openRedis?: OpenRedis;
  /** A sentence for whoever waits. */
  readonly onProgress?: (words: string) => void;
  /** Each line of the log of a server, with its name before it. */
  readonly onLog?: (line: string) => void;
  /** Each line of the standard output of one. */
  readonly onLine?: (name: string, line: string) => void;
  /** A server ended although nobody asked it to. */
  readonly onCrash?: (words: string) => void;
};

/** Rejects when anything does not start, and has ended then what did. Whoever is killed leaves nothing behind either (see keeper.mjs). */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const folder = await makeTempFolder();
    closers.push(folder.remove);
    const dataDir = join(folder.path, 'data');
    await mkdir(dataDir);
    const keeper = openKeeper(postmasterFile(dataDir));
    closers.push(keeper.close);
    keeper.sweep(folder.path);
    const { servers: count, isRedis, log = 'postgres', onProgress = () => undefined, openRedis } = options;
    const processes = count + (options.workers ?? 0);
    const engines = await openClusterEngines({
      ...{ processes, isRedis, log, openRedis, onProgress, folder: folder.path, dataDir, keeper, closers },
    });
    const port = options.port ?? (await freePort());
    const { servers, workers } = await startProcesses(options, {
      ...{ ...engines, folder: folder.path, port, keeper, closers },
    });
    const ports = servers.map((server) => server.port);
    const haproxy = await startHaproxy({ folder: folder.path, servers: ports, port, keeper });
    closers.push(haproxy.close);
    return {
      ...engines,
      ...{ servers, workers, haproxy, url: urlOf(port), databaseUrl: engines.postgres.url },
      async close() {
        // While they are drained HAProxy still stands before them, as it does in a deploy.
        const codes = await Promise.all([...servers, ...workers].map((process) => process.stop()));
        await closeAll();
        return codes;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

type Opening = { readonly keeper: Keeper; readonly closers: (() => Promise<unknown>)[] };

/** All at once: each applies migrations, or waits for the one that does. */
async function startProcesses(
  options: ClusterOptions,
  {
    folder,
    keeper,
    closers,
    port,
    ...engines
  }: Opening & ClusterEngines & { readonly folder: string; readonly port: number },
) {
  const { from, workers: workerCount = 0, onProgress = () => undefined, onCrash = onProgress } = options;
  const { link = async (_from, _to, at) => at, each = async () => ({}) } = options;
  const common = { ...placesAt(port), ...(workerCount > 0 && { WORKER: 'off' }), ...options.settings };
  const named = async (name: string) => ({
    ...{ name, from, folder, keeper, onCrash },
    settings: { ...(await settingsFor(engines, (...to) => link(name, ...to))), ...common },
    toldAt: (at: number) => each({ name, port: at }),
    onLog: (line: string) => options.onLog?.(`${name}: ${line}`),
    onLine: (line: string) => options.onLine?.(name, line),
  });
  const starting = Promise.allSettled(
    Array.from({ length: options.servers }, async (_, nth) =>
      startClusterServer(await named(`server-${nth + 1}`)),
    ),
  );
  const startingToo = Promise.allSettled(
    Array.from({ length: workerCount }, async (_, nth) =>
      startClusterWorker(await named(`worker-${nth + 1}`)),
    ),
  );
  const [servers, workers] = [startedOf(await starting), startedOf(await startingToo)];
  closers.push(() => Promise.all([...servers.started, ...workers.started].map((process) => process.stop())));
  for (const problem of [...servers.problems, ...workers.problems]) throw problem;
  onProgress(`${servers.started.length} server(s) and ${workers.started.length} worker(s) run.`);
  return { servers: servers.started, workers: workers.started };
}

const startedOf = <P>(outcomes: readonly PromiseSettledResult<P>[]) => ({
  started: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
  problems: outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : [])),
});

const placesAt = (port: number) => ({
  PUBLIC_URL: urlOf(port),
  TRUSTED_PROXIES: '127.0.0.1',
  LOG_LEVEL: 'warn',
});

const urlOf = (port: number) => `http://127.0.0.1:${port}/`;
