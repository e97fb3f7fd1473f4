import { readdir, readFile } from 'node:fs/promises';
import { run } from '../embedded/run.ts';

export type Process = { readonly pid: number; readonly group: number; readonly args: string };

/** All living processes of this computer that we may see. Linux tells by files, because a small container has no `ps`. */
export async function processes(): Promise<Process[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
    return (await Promise.all(pids.map(fromProc))).flat();
  }
  const { output } = await run('ps', ['-ww', '-e', '-o', 'pid=,pgid=,state=,args='], { timeoutMs: 10_000 });
  return output.split('\n').flatMap((line) => {
    const [, pid, group, args] = /^\s*(\d+)\s+(\d+)\s+[^Z]\S*\s+(.*)$/.exec(line) ?? [];
    return args === undefined ? [] : [{ pid: Number(pid), group: Number(group), args }];
  });
}

/** Empty if it has ended in the meantime, or is a zombie: dead, and its new parent has not noticed yet. */
async function fromProc(pid: number): Promise<Process[]> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    // The name, in brackets, may hold anything; after it come the state, the parent and the group.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return [];
    return [{ pid, group: Number(group), args: command.replaceAll('\0', ' ').trim() }];
  } catch {
    return [];
  }
}

export const isAlive = async (pid: number): Promise<boolean> =>
  (await processes()).some((one) => one.pid === pid);
