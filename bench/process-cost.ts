import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** What a process has used since it began, and what it holds. */
export type Cost = { readonly cpuMicros: number; readonly rssMb: number };

/** Linux counts time for /proc in ticks of 10 ms on all the usual computers. */
const microsPerTick = 10_000;
const mb = 1_048_576;

type Stat = { readonly parent: number; readonly cpuTicks: number; readonly rssKb: number };

/** What Linux says of one process: undefined when it is gone. Other systems have no /proc, and no such figures. */
async function statOf(pid: number): Promise<Stat | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    // The name, in brackets, may hold anything; after it come state, parent and many more: proc_pid_stat(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
    const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    return { parent: parent ?? 0, cpuTicks: (user ?? 0) + (system ?? 0), rssKb };
  } catch {
    return undefined;
  }
}

/** Of one process. */
export async function costOf(pid: number): Promise<Cost> {
  return sum([await statOf(pid)]);
}

/** Of all that descend from a process, without itself: the embedded PostgreSQL of a server. */
export async function costOfDescendants(ancestor: number): Promise<Cost> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isInteger);
  const stats = new Map<number, Stat>();
  for (const pid of pids) {
    const stat = await statOf(pid);
    if (stat) stats.set(pid, stat);
  }
  const descends = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent ?? 0;
    return parent === ancestor || (parent > 1 && descends(parent));
  };
  return sum([...stats].filter(([pid]) => descends(pid)).map(([, stat]) => stat));
}

function sum(stats: readonly (Stat | undefined)[]): Cost {
  const total = (of: (stat: Stat) => number) => stats.reduce((all, stat) => all + (stat ? of(stat) : 0), 0);
  return {
    cpuMicros: total(({ cpuTicks }) => cpuTicks) * microsPerTick,
    rssMb: round((total(({ rssKb }) => rssKb) * 1_024) / mb),
  };
}

/**
 * What the host of a virtual computer takes from it from now on, in percent of all its cores: figures of a computer that does not
 * have what it has are not those of the program. Undefined where nobody says (proc_stat(5)).
 */
export async function watchStolen(): Promise<() => Promise<number | undefined>> {
  const look = async () => {
    const [first = ''] = (await readFile('/proc/stat', 'utf8').catch(() => '')).split('\n');
    const ticks = first.split(/\s+/).slice(1, 9).map(Number);
    return { stolen: ticks[7] ?? 0, all: ticks.reduce((total, one) => total + one, 0) };
  };
  const before = await look();
  return async () => {
    const after = await look();
    const all = after.all - before.all;
    return all > 0 ? round((100 * (after.stolen - before.stolen)) / all) : undefined;
  };
}

const round = (number: number) => Math.round(number * 10) / 10;

/** Microseconds of processor time in a second. */
export type Cpu = { readonly server: number; readonly postgres: number };

/** Of a process and of what descends from it, over so long. */
export async function measureCpu(pid: number, seconds: number): Promise<Cpu> {
  const look = async () => ({
    at: performance.now(),
    server: (await costOf(pid)).cpuMicros,
    postgres: (await costOfDescendants(pid)).cpuMicros,
  });
  const before = await look();
  await pause(seconds * 1_000);
  const after = await look();
  const passed = (after.at - before.at) / 1_000;
  return {
    server: (after.server - before.server) / passed,
    postgres: (after.postgres - before.postgres) / passed,
  };
}
