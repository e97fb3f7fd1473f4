import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const program = '/usr/bin/prlimit';

/** Only Linux lets others say how large the files of a process may become. */
export const canLimitFiles = process.platform === 'linux' && existsSync(program);

const runProgram = promisify(execFile);
/** It takes milliseconds for each. */
const mostMs = 30_000;
/** For each of them, and tells which it was done for. */
const forEach = `for pid; do ${program} --pid "$pid" --fsize="$0:" && echo "$pid"; done; true`;

/**
 * From now on no file of these processes, and of those that they start, becomes larger: writing behind that end fails. Only their soft limit,
 * so that whoever runs them may lift it again; as that user, as nobody else is allowed to everywhere. Resolves with how many there were; who
 * has ended does not count. All have the owner of the first.
 */
export async function limitFiles(pids: readonly number[], bytes: number | 'unlimited'): Promise<number> {
  const owner = await stat(`/proc/${pids[0]}`).catch(() => undefined);
  if (owner === undefined) return 0;
  const { uid, gid } = owner;
  const args = ['-c', forEach, String(bytes), ...pids.map(String)];
  const { stdout, stderr } = await runProgram('/bin/sh', args, {
    ...{ cwd: '/', timeout: mostMs },
    ...(uid !== process.getuid?.() && { uid, gid }),
  });
  const limited = stdout.split('\n').filter((line) => line !== '').length;
  if (limited === 0 && existsSync(`/proc/${pids[0]}`)) throw new Error(`No limit was set: ${stderr.trim()}`);
  return limited;
}
