import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../prisma/package-root.ts';

/** A process of Parley, as whoever runs it has it. */
export type OwnProcess = {
  readonly pid: number;
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** As Ctrl-C or a service manager stops it. Resolves with the exit code; kills what has not ended 10 s after DRAIN_SECONDS. */
  stop(): Promise<number | null>;
  /** As `kill -9`: nothing is told, nothing is finished. */
  kill(): Promise<void>;
};

/** A server in a process of its own. */
export type ServerProcess = OwnProcess & {
  readonly port: number;
  /** Where operations go over HTTP, and where sockets are opened. */
  readonly httpUrl: string;
  readonly socketUrl: string;
};

export type ServerProcessOptions = {
  /**
   * `dist`: what `npm run build` made. `source`: the same from its sources, for tests. `naive` and `naive-source`: the design of most
   * chats in its place, to compare with (see api/test/naive).
   */
  readonly from: 'dist' | 'source' | 'naive' | 'naive-source';
  /** The working directory, and the home of the settings' relative paths. */
  readonly folder: string;
  /** Where a server listens; where a worker tells its metrics. */
  readonly port: number;
  /** By the names in api/config.ts. The settings of whoever calls this do not reach the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Each line of standard output. */
  readonly onLine?: (line: string) => void;
  /** Each line of standard error, which is its log. */
  readonly onLog?: ((line: string) => void) | undefined;
  readonly keeper?: Keeper | undefined;
};

/**
 * Ends what is kept when whoever started it is gone. What has a keeper is in a process group of its own, so that Ctrl-C in a terminal
 * reaches only whoever stops things in order.
 */
export type Keeper = {
  /** Until it ends. */
  keep(child: ChildProcess): void;
  /** This folder goes at the end. */
  sweep(folder: string): void;
};

/** A first start makes a database, a start after a kill repairs one; a slow computer is forgiven. */
const readyMs = 90_000;
const askAgainMs = 40;
/** Whoever is asked whether it is ready has so long. */
const answerMs = 10_000;
/** Enough of its last words to say why it ended. */
const keptLines = 20;
/** The system's programs, for what the server starts by name. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const built = (program: string) => [join(packageRoot, 'dist', `${program}.js`)];
const fromSource = (program: string) => [
  ...['--import', import.meta.resolve('tsx')],
  join(packageRoot, `${program}.ts`),
];
const programs = {
  dist: ({ program }: Kind) => built(program),
  source: ({ program }: Kind) => fromSource(program),
  naive: ({ naive }: Kind) => built(naive),
  'naive-source': ({ naive }: Kind) => fromSource(naive),
} as const;

type Kind = {
  /** Its program, without ending, and the one to compare with. */
  readonly program: string;
  readonly naive: string;
  /** How it is told its port, and where it answers there when it is ready. */
  readonly portSetting: string;
  readonly readyPath: string;
  /** How long it may take to stop, besides the seconds over which it sends sockets away. */
  readonly stopMs: number;
};
const server: Kind = {
  ...{ program: 'api/main', naive: 'api/test/naive/main' },
  ...{ portSetting: 'PORT', readyPath: '/readyz', stopMs: 10_000 },
};
/** It finishes what it sends, for 22 s at most, then closes what it stands on. */
const worker: Kind = {
  program: 'workers/main',
  naive: 'api/test/naive/worker',
  portSetting: 'METRICS_PORT',
  readyPath: '/metrics',
  stopMs: 30_000,
};

/** Starts a server and resolves when it is ready. Rejects with its last words when it ends instead, or takes too long. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { port } = options;
  const address = `127.0.0.1:${port}`;
  const started = await startProcess(server, options);
  return { ...started, port, httpUrl: `http://${address}/graphql`, socketUrl: `ws://${address}/graphql` };
}

/** The same of a worker, which answers nobody but whoever reads its metrics. */
export const startWorkerProcess = (options: ServerProcessOptions): Promise<OwnProcess> =>
  startProcess(worker, options);

async function startProcess(kind: Kind, options: ServerProcessOptions): Promise<OwnProcess> {
  const { portSetting, readyPath, stopMs } = kind;
  const { folder, port, settings = {}, nodeOptions = [], keeper } = options;
  const child = spawn(process.execPath, [...nodeOptions, ...programs[options.from](kind)], {
    cwd: folder,
    env: { PATH: path, ...settings, [portSetting]: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: keeper !== undefined,
  });
  keeper?.keep(child);
  const words = lastWordsOf(child, options);
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  if (!(await isReady(`http://127.0.0.1:${port}${readyPath}`, ended))) {
    await kill();
    throw new Error(`It did not start:\n${words().join('\n')}`);
  }
  return {
    pid: child.pid ?? 0,
    ended,
    kill,
    stop: () => stop(child, ended, stopMs + Number(settings.DRAIN_SECONDS ?? 0) * 1_000),
  };
}

/** A port that is free now, to be the same over restarts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function isReady(url: string, ended: Promise<unknown>): Promise<boolean> {
  const deadline = Date.now() + readyMs;
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded && Date.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs) }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok) return true;
    await pause(askAgainMs);
  }
  return false;
}

async function stop(
  child: ChildProcess,
  ended: Promise<number | null>,
  withinMs: number,
): Promise<number | null> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

function lastWordsOf(
  child: ChildProcess,
  { onLine, onLog }: Pick<ServerProcessOptions, 'onLine' | 'onLog'>,
): () => readonly string[] {
  const words: string[] = [];
  child.on('error', (error) => words.push(error.message));
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) continue;
    createInterface(output).on('line', (line) => {
      if (output === child.stdout) onLine?.(line);
      else onLog?.(line);
      if (words.push(line) > keptLines) words.shift();
    });
  }
  return () => words;
}
