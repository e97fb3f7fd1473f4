import { readFile, readlink, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Only Linux tells which processes belong to another one. */
export const canFindProcesses = process.platform === 'linux';

/** All processes of a running PostgreSQL, the one that starts the others first; none when it does not run. The file is its postmaster.pid. */
export async function processesOf(postmasterFile: string): Promise<readonly number[]> {
  const postmaster = Number.parseInt(await readFile(postmasterFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(postmaster) || !(await worksIn(dirname(postmasterFile), postmaster))) return [];
  return [postmaster, ...(await childrenOf(postmaster))];
}

/** The file of one that was killed may name a process that is somebody else's by now. */
async function worksIn(folder: string, pid: number): Promise<boolean> {
  const found = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return found !== undefined && found === (await realpath(folder));
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const words = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return words.split(' ').map(Number).filter(Boolean);
}

/** Sends a signal to each that still runs. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** It starts no others while it stands still, so whoever came into being meanwhile is there at the second look. */
export async function stopAll(postmasterFile: string): Promise<readonly number[]> {
  const [postmaster = 0] = await processesOf(postmasterFile);
  if (postmaster === 0) return [];
  signalAll([postmaster], 'SIGSTOP');
  let stopped: readonly number[] = [postmaster];
  for (;;) {
    const found = await processesOf(postmasterFile);
    if (found.every((pid) => stopped.includes(pid))) return found;
    signalAll(found, 'SIGSTOP');
    stopped = found;
  }
}
