import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { freePort } from '../../../bench/server-process.ts';
import { packageRoot } from '../../../prisma/package-root.ts';
import { within } from './within.ts';

/** What a server holds at a moment, after a collection of garbage. Each figure is a count, but for the heap. */
export type Look = {
  readonly sockets: number;
  readonly operations: number;
  readonly subscriptions: number;
  readonly topics: number;
  readonly handles: number;
  readonly heapBytes: number;
};

/** A server in a process of its own, as it is started by whoever runs Parley, with something in it that can be asked. */
export type FuzzedServer = {
  readonly port: number;
  readonly httpUrl: string;
  readonly socketUrl: string;
  /** What it complained of: errors in its log, and everything on standard error that is no log. */
  readonly complaints: readonly string[];
  hasEnded(): boolean;
  look(): Promise<Look>;
  /** As Ctrl-C stops it. Resolves with its exit code. */
  stop(): Promise<number | null>;
};

type Options = {
  /** `dist`: what `npm run build` made. `source`: the same from its sources, for tests. */
  readonly from: 'dist' | 'source';
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Modules that are loaded before the server, to break it on purpose. */
  readonly broken?: readonly string[];
};

const startMs = 90_000;
const stopMs = 15_000;
/** A log that goes wrong says much; enough of it is kept to know why. */
const keptComplaints = 50;
/** pino's number for `error`. */
const errorLevel = 50;
/** Standard programs, for what a server starts by name. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const programs = {
  dist: () => [join(packageRoot, 'dist', 'api', 'main.js')],
  source: () => ['--import', import.meta.resolve('tsx'), join(packageRoot, 'api', 'main.ts')],
} as const;
/** As `npm start` has it. */
const nodeOptions = ['--max-semi-space-size=32'];
const probe = join(packageRoot, 'api', 'test', 'fuzz', 'probe.mjs');

/** Starts it and resolves when it is ready. Rejects with what it said when it ends instead, or takes too long. */
export async function startFuzzedServer(options: Options): Promise<FuzzedServer> {
  const { from, folder, settings, broken = [] } = options;
  const [port, metricsPort] = [await freePort(), await freePort()];
  const preloaded = [probe, ...broken].flatMap((file) => ['--import', pathToFileURL(file).href]);
  const child = spawn(process.execPath, [...nodeOptions, ...preloaded, ...programs[from]()], {
    cwd: folder,
    env: {
      PATH: path,
      LOG_LEVEL: 'warn',
      ...settings,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const complaints = complaintsOf(child);
  let hasEnded = false;
  child.once('exit', () => {
    hasEnded = true;
  });
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  const address = `127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    return within(stopMs, ended, 'The server did not stop.').catch((problem: unknown) => {
      child.kill('SIGKILL');
      throw problem;
    });
  };
  await untilReady(`http://${address}/readyz`, () => hasEnded).catch(async (problem: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`The server did not start: ${complaints.join('\n')}`, { cause: problem });
  });
  return {
    port,
    httpUrl: `http://${address}/graphql`,
    socketUrl: `ws://${address}/graphql`,
    complaints,
    hasEnded: () => hasEnded,
    look: () => look(child, `http://127.0.0.1:${metricsPort}/metrics`),
    stop,
  };
}

async function untilReady(url: string, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + startMs;
  while (!hasEnded() && Date.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(startMs) }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  throw new Error(hasEnded() ? 'It ended.' : `It was not ready after ${startMs} ms.`);
}

function complaintsOf(child: ChildProcess): readonly string[] {
  const complaints: string[] = [];
  if (child.stderr === null) throw new Error('There is no standard error.');
  createInterface(child.stderr).on('line', (line) => {
    if (levelOf(line) >= errorLevel && complaints.length < keptComplaints)
      complaints.push(line.slice(0, 2_000));
  });
  return complaints;
}

/** A line that is no log is worse than any that is: the trace of a crash, or a warning of Node itself. */
function levelOf(line: string): number {
  try {
    return Number(JSON.parse(line).level);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Longer than any collection of garbage takes. */
const lookMs = 30_000;

const Held = z.object({ heapBytes: z.number(), resources: z.array(z.string()) });

async function look(child: ChildProcess, metricsUrl: string): Promise<Look> {
  const answer = new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.send('look', (problem) => {
      if (!problem) return;
      child.off('message', resolve);
      reject(problem); // it has just ended
    });
  });
  const held = Held.parse(await within(lookMs, answer, 'The server does not answer.'));
  const text = await (await fetch(metricsUrl, { signal: AbortSignal.timeout(lookMs) })).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    sockets:
      value('parley_sockets_open') + value('parley_sockets_pending') + value('parley_event_streams_open'),
    operations: value('parley_socket_operations'),
    subscriptions: value('parley_subscriptions_open'),
    topics: value('parley_topics_open'),
    handles: held.resources.length,
    heapBytes: held.heapBytes,
  };
}
