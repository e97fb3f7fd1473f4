import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type IdleOptions, warmUp } from './idle.ts';
import { closeAll, openInTurn } from './in-turn.ts';
import { type LoadSocket, openLoadSocket } from './load-socket.ts';
import { collectable, createMemoryWatch, type Memory } from './memory.ts';
import { measureCpu } from './process-cost.ts';
import { round, type Spread, spreadOf } from './spread.ts';

/** A server that does nothing but ping, in a process of its own. */
type BareServer = {
  readonly pid: number;
  /** What it holds when all its garbage is collected, which this sees to. */
  readonly settledMemory: () => Promise<Memory>;
  open(): Promise<LoadSocket>;
  close(): Promise<void>;
};

type Options = { readonly onProblem: (words: string) => void };

async function openBareServer({ onProblem }: Options): Promise<BareServer> {
  const program = new URL(`./bare-server${extname(import.meta.url)}`, import.meta.url);
  const args = ['--max-semi-space-size=32', ...collectable, fileURLToPath(program)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error('The bare server did not start.');
  const memory = createMemoryWatch();
  const lines = createInterface(child.stdout);
  lines.on('line', memory.onLine);
  const ready: [string] | unknown[] = await Promise.race([once(lines, 'line'), ended]);
  const [, port] = /^listens on port (\d+)$/.exec(String(ready[0])) ?? [];
  if (port === undefined) throw new Error('The bare server did not listen.');
  return {
    pid,
    settledMemory: () => memory.settled(pid),
    open: () =>
      openLoadSocket({
        url: `ws://127.0.0.1:${port}/graphql`,
        token: '',
        onLost: onProblem,
        onFrame: () => onProblem('A bare server said something.'),
      }),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** What Node and `ws` cost by themselves: such sockets on a server that does nothing but ping them as ours does. */
export type Floor = {
  readonly rssKbPerSocket: number;
  readonly heapKbPerSocket: number;
  readonly cpuMicrosPerSocketSecond: Spread;
};

/** The same for as many sockets on a bare server. */
export async function measureFloor(options: IdleOptions): Promise<Floor> {
  const { sockets, runs, secondsPerRun, onProgress } = options;
  let problem: string | undefined;
  const server = await openBareServer({
    onProblem(words) {
      problem ??= words;
    },
  });
  const opened: LoadSocket[] = [];
  try {
    await closeAll(await openInTurn(warmUp.sockets, server.open));
    const before = await server.settledMemory();
    opened.push(...(await openInTurn(sockets, server.open)));
    const memory = await server.settledMemory();
    const cpus: number[] = [];
    for (let nth = 0; nth < runs; nth++)
      cpus.push((await measureCpu(server.pid, secondsPerRun)).server / sockets);
    if (problem !== undefined) throw new Error(`The load met a problem: ${problem}`);
    const kbOf = (what: keyof Memory) => round(((memory[what] - before[what]) * 1_024) / sockets);
    const floor = { rssKbPerSocket: kbOf('rssMb'), heapKbPerSocket: kbOf('heapMb') };
    onProgress(`The floor: ${floor.rssKbPerSocket} KB per socket`);
    return { ...floor, cpuMicrosPerSocketSecond: spreadOf(cpus) };
  } finally {
    await closeAll(opened);
    await server.close();
  }
}
