import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../package-root.ts';
import { isWithin } from '../within.ts';
import { childOptions, type RunAs } from './run.ts';

export type Postmaster = {
  /** Resolves when PostgreSQL and all its children have ended, whoever ended them. */
  readonly ended: Promise<void>;
  /** Stops PostgreSQL within 2.5 s, however busy it is. Nothing committed is lost. May be called twice. */
  stop(): Promise<void>;
};

type Options = {
  readonly args: readonly string[];
  readonly as: RunAs;
  readonly onLog: (line: string) => void;
  /** Called when the start takes long enough to make people wonder. */
  readonly onSlow: () => void;
};

/** Starts PostgreSQL and its watcher. Resolves when it takes connections, or with its last words if it ended instead. */
export async function startPostmaster(
  file: string,
  options: Options,
): Promise<Postmaster | { failed: string }> {
  const child = spawn(file, options.args, {
    ...childOptions(options.as),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const words: string[] = [];
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      words.push(error.message);
      resolve();
    });
  });
  const watcher = watch(child.pid);
  const isReady = await readiness(child, { ended, words, ...options });
  const stop = async () => {
    await end(child, ended);
    watcher?.kill('SIGKILL'); // it ignores gentler signals, and has nothing left to do
  };
  if (isReady) return { ended, stop };
  await stop();
  return { failed: words.join('\n') };
}

/** Redoing a full journal (`max_wal_size`) after an abrupt stop takes seconds; a very slow disk is forgiven. */
const readyTimeoutMs = 120_000;
const slowStartMs = 3_000;
/** Enough of PostgreSQL's last words to say why it did not start. */
const keptLines = 40;

async function readiness(child: ChildProcess, options: Options & { ended: Promise<void>; words: string[] }) {
  const { ended, words, onLog, onSlow } = options;
  const slow = setTimeout(onSlow, slowStartMs);
  let timer: NodeJS.Timeout | undefined;
  const isReady = await new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), readyTimeoutMs);
    void ended.then(() => resolve(false));
    if (!child.stderr) return;
    createInterface(child.stderr).on('line', (line) => {
      if (words.push(line) > keptLines) words.shift();
      onLog(line);
      if (line.includes('database system is ready to accept connections')) resolve(true);
    });
  });
  clearTimeout(slow);
  clearTimeout(timer);
  return isReady;
}

/** A fast stop: PostgreSQL writes everything to its place. Usually 20 ms. */
const fastStopMs = 1_500;
/** An immediate stop: PostgreSQL leaves everything where it is, and redoes it from its journal at the next start. */
const immediateStopMs = 500;

async function end(child: ChildProcess, ended: Promise<void>) {
  child.kill('SIGINT');
  if (await isWithin(ended, fastStopMs)) return;
  child.kill('SIGQUIT');
  if (await isWithin(ended, immediateStopMs)) return;
  if (child.pid) killGroup(child.pid);
  await isWithin(ended, immediateStopMs);
}

function killGroup(pid: number) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in this very moment.
  }
}

/** See watcher.mjs. Started in the same turn as PostgreSQL, so that there is no moment without it. */
function watch(pid: number | undefined): ChildProcess | undefined {
  if (!pid) return undefined;
  const file = join(packageRoot, 'prisma', 'embedded', 'watcher.mjs');
  const child = spawn(process.execPath, [file, String(pid)], {
    ...childOptions(undefined),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a watcher everything works; only after a kill -9 of this process the next start has to stop PostgreSQL.
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  return child;
}
