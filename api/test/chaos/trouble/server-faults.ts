import type { Fault, FaultContext } from './fault.ts';
import { hasEnded, isReady, makeWhole, namesOf, processOf, restartOtherwise, signalTo } from './processes.ts';
import { repeat } from './repeat.ts';

type ProcessFault = Pick<Fault, 'name' | 'weight' | 'begin'> & Partial<Fault>;
const ofServers = (fault: ProcessFault): Fault => ({
  isPossible: ({ servers }) => servers.length > 0,
  targets: ({ servers }) => namesOf(servers),
  ...fault,
});
const ofWorkers = (fault: ProcessFault): Fault => ({
  isPossible: ({ workers }) => workers.length > 0,
  targets: ({ workers }) => namesOf(workers),
  ...fault,
});

/** As `kill -9`, or a computer that is switched off. */
async function kill({ stage, on }: FaultContext) {
  const process = processOf(stage, on);
  await process.kill();
  return { heal: () => makeWhole(process) };
}

/** It stands still and keeps its sockets, then goes on as if nothing had been: with leases, rounds and timers of long ago. */
async function freeze({ stage, on }: FaultContext) {
  const process = processOf(stage, on);
  if (!signalTo(process, 'SIGSTOP')) throw new Error(`${on} does not run`);
  return {
    async heal() {
      signalTo(process, 'SIGCONT');
      await makeWhole(process);
    },
  };
}

/** As in a deploy: it is told to stop, sends its sockets away, ends, and starts again. */
async function drain({ stage, on }: FaultContext) {
  const process = processOf(stage, on);
  const stopped = process.stop();
  return {
    isOver: stopped,
    async heal() {
      const code = await stopped;
      await makeWhole(process);
      return `exit code ${code}`;
    },
  };
}

/** After the three seconds of stall.mjs it goes on a little before the next one. */
const betweenMs = { least: 3_200, most: 5_000 } as const;
/** Who does not stall answers within that. */
const answerSoonMs = 1_000;

/** Its thread is held up for some seconds, again and again. */
async function stall({ stage, on, random, signal }: FaultContext) {
  const process = processOf(stage, on);
  const stalls = await repeat(async () => signalTo(process, 'SIGURG'), { random, signal, betweenMs });
  const isStalled = !(await isReady(process, answerSoonMs));
  if (!isStalled) await stalls.stop();
  if (!isStalled) throw new Error(`${on} does not stall: it is not started so that it can`);
  return {
    async heal() {
      const times = await stalls.stop();
      await makeWhole(process);
      return `${times} stalls`;
    },
  };
}

/** Enough to start, not always enough to serve; with the last it just collects garbage all the time. In megabytes. */
const smallHeaps = [64, 96, 128] as const;

async function shrinkHeap({ stage, on, random, signal }: FaultContext) {
  const process = processOf(stage, on);
  const megabytes = random.pick(smallHeaps);
  const isStarted = await restartOtherwise(process, { nodeOptions: [`--max-old-space-size=${megabytes}`] });
  const over = new AbortController();
  const ended = hasEnded(process, AbortSignal.any([signal, over.signal]));
  return {
    detail: `${megabytes} MB`,
    isOver: ended,
    async heal() {
      over.abort();
      const hasDied = await ended;
      await process.kill();
      await makeWhole(process);
      return !isStarted ? 'it did not start' : hasDied ? 'it died' : 'it lived';
    },
  };
}

const shortOutage = { lastsMs: { least: 200, most: 15_000 } } as const;
/** How long it takes to drain decides; a deploy does not wait longer. */
const deploy = { lastsMs: { least: 5_000, most: 15_000 } } as const;
const longStop = { lastsMs: { least: 500, most: 40_000 } } as const;

/** What happens to servers and workers from outside. */
export const serverFaults: readonly Fault[] = [
  ofServers({ name: 'server-kill', weight: 3, begin: kill, ...shortOutage }),
  ofServers({ name: 'server-freeze', weight: 2, begin: freeze, ...longStop }),
  ofServers({ name: 'server-drain', weight: 2, begin: drain, ...deploy }),
  ofServers({ name: 'server-stall', weight: 2, begin: stall, lastsMs: { least: 1_000, most: 12_000 } }),
  ofServers({
    name: 'server-small-heap',
    weight: 1,
    begin: shrinkHeap,
    lastsMs: { least: 5_000, most: 30_000 },
  }),
  ofWorkers({ name: 'worker-kill', weight: 2, begin: kill, ...shortOutage }),
  ofWorkers({ name: 'worker-freeze', weight: 1, begin: freeze, ...longStop }),
  ofWorkers({ name: 'worker-drain', weight: 1, begin: drain, ...deploy }),
];
