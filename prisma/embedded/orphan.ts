import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startError } from '../start-error.ts';
import { run } from './run.ts';

/** A busy PostgreSQL writes everything to its place within this; the watcher of a killed Parley may be stopping it already. */
const fastStopMs = 5_000;
const immediateStopMs = 2_000;
const pollMs = 25;

/**
 * Clears what a killed Parley may have left: a PostgreSQL that still runs is stopped, and a `postmaster.pid` whose
 * process is gone, or is another program by now, is removed. To be called only by the holder of the lock: whatever runs
 * on this data directory then belongs to nobody. Throws a StartError if it does not stop.
 */
export async function stopOrphan(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) return;
  const isRunning = () => runsOn(pid, cluster);
  if ((await isRunning()) && !(await stopped(pid, isRunning))) {
    throw startError(
      `PostgreSQL (process ${pid}) of a Parley that was killed still runs on ${cluster} and does not stop: end it with kill -9 ${pid} and start again.`,
    );
  }
  await rm(file, { force: true });
}

async function stopped(pid: number, isRunning: () => Promise<boolean>): Promise<boolean> {
  for (const [signal, withinMs] of [
    ['SIGINT', fastStopMs],
    ['SIGQUIT', immediateStopMs],
  ] as const) {
    send(pid, signal);
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      if (!(await isRunning())) return true;
      await pause(pollMs);
    }
  }
  return false;
}

function send(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in this very moment.
  }
}

/** PostgreSQL works inside its data directory and is started with its path: both tell it from a program that got its old process id. */
async function runsOn(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return folder === (await realpath(cluster));
  }
  const { output } = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { timeoutMs: 5_000 });
  return output.includes(cluster);
}
