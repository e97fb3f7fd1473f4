import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Keeper } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { type ClusterEngines, openClusterEngines, settingsFor } from './cluster-engines.ts';
import { postmasterFile } from './cluster-postgres.ts';
import { type ClusterServer, startClusterServer } from './cluster-server.ts';
import { type Haproxy, startHaproxy } from './haproxy.ts';
import type { LogName } from './log-name.ts';
import { openKeeper } from './open-keeper.ts';

/** Several servers behind HAProxy, over engines that they share, all as processes on loopback. */
export type Cluster = ClusterEngines & {
  readonly servers: readonly ClusterServer[];
  readonly haproxy: Haproxy;
  /** HAProxy, for browsers; GraphQL is at `/graphql` there. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Sends sockets away, stops the servers, then what they stand on. Resolves with the exit codes of the servers. */
  close(): Promise<readonly (number | null)[]>;
};

export type ClusterOptions = {
  readonly servers: number;
  /** More than one server needs it. */
  readonly isRedis: boolean;
  /** Where messages are; PostgreSQL when it is not said. */
  readonly log?: LogName;
  /** As startServerProcess has it. */
  readonly from: 'dist' | 'source';
  /** Where clients come; a free port when it is not said. */
  readonly port?: number;
  /** For every server, by their names in api/config.ts. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A sentence for whoever waits. */
  readonly onProgress?: (words: string) => void;
  /** Each line of the log of a server, with its name before it. */
  readonly onLog?: (line: string) => void;
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
    const { servers: count, isRedis, log = 'postgres', onProgress = () => undefined } = options;
    const engines = await openClusterEngines({
      ...{ servers: count, isRedis, log, onProgress, folder: folder.path, dataDir, keeper, closers },
    });
    const port = options.port ?? (await freePort());
    const servers = await startServers(options, { ...engines, folder: folder.path, port, keeper, closers });
    const ports = servers.map((server) => server.port);
    const haproxy = await startHaproxy({ folder: folder.path, servers: ports, port, keeper });
    closers.push(haproxy.close);
    return {
      ...engines,
      ...{ servers, haproxy, url: urlOf(port), databaseUrl: engines.postgres.url },
      async close() {
        // While they are drained HAProxy still stands before them, as it does in a deploy.
        const codes = await Promise.all(servers.map((server) => server.stop()));
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
async function startServers(
  options: ClusterOptions,
  {
    folder,
    keeper,
    closers,
    ...parts
  }: Opening & ClusterEngines & { readonly folder: string; readonly port: number },
): Promise<readonly ClusterServer[]> {
  const { from, onProgress = () => undefined, onCrash = onProgress } = options;
  const settings = { ...settingsOf(parts), ...options.settings };
  const starting = Array.from({ length: options.servers }, (_, nth) => {
    const name = `server-${nth + 1}`;
    const onLog = (line: string) => options.onLog?.(`${name}: ${line}`);
    return startClusterServer({ name, from, folder, settings, keeper, onCrash, onLog });
  });
  const servers: ClusterServer[] = [];
  const problems: unknown[] = [];
  for (const outcome of await Promise.allSettled(starting)) {
    if (outcome.status === 'rejected') problems.push(outcome.reason);
    else servers.push(outcome.value);
  }
  closers.push(() => Promise.all(servers.map((server) => server.stop())));
  if (problems.length > 0) throw problems[0];
  onProgress(`${servers.length} server(s) run.`);
  return servers;
}

const settingsOf = ({ port, ...engines }: ClusterEngines & { readonly port: number }) => ({
  ...settingsFor(engines),
  PUBLIC_URL: urlOf(port),
  TRUSTED_PROXIES: '127.0.0.1',
  LOG_LEVEL: 'warn',
});

const urlOf = (port: number) => `http://127.0.0.1:${port}/`;
