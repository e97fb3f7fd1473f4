import { setTimeout as pause } from 'node:timers/promises';
import { costOf, costOfDescendants } from './process-cost.ts';
import { quantileOf, round, type Spread, slopeOf, spreadOf } from './spread.ts';
import type { Stage } from './stage.ts';

export type Measuring = {
  readonly warmUpSeconds: number;
  readonly runs: number;
  readonly secondsPerRun: number;
  readonly onProgress: (words: string) => void;
};

export type Measured = {
  readonly operationsPerSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly serverCpuMicrosPerOperation: Spread;
  readonly postgresCpuMicrosPerOperation: Spread;
  readonly serverRssMb: { readonly begin: number; readonly end: number };
  readonly serverHeapMb: { readonly begin: number | null; readonly end: number | null };
};

type Run = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpu: number;
  readonly postgresCpu: number;
};

/** Several runs under a load that goes on: each on its own, so that their spread tells how far to trust the median. */
export async function measure(stage: Stage, options: Measuring): Promise<Measured> {
  const { server, load, heapMb } = stage;
  load.start();
  await pause(options.warmUpSeconds * 1_000);
  const begin = { rss: (await costOf(server.pid)).rssMb, heap: heapMb() ?? null };
  const runs: Run[] = [];
  for (let nth = 0; nth < options.runs; nth++) {
    const run = await measureOnce(stage, options.secondsPerRun);
    options.onProgress(`${round(run.perSecond)} per second`);
    runs.push(run);
  }
  const end = { rss: (await costOf(server.pid)).rssMb, heap: heapMb() ?? null };
  return {
    operationsPerSecond: spreadOf(runs.map(({ perSecond }) => perSecond)),
    p50Ms: spreadOf(runs.map(({ p50Ms }) => p50Ms)),
    p99Ms: spreadOf(runs.map(({ p99Ms }) => p99Ms)),
    serverCpuMicrosPerOperation: spreadOf(runs.map(({ serverCpu }) => serverCpu)),
    postgresCpuMicrosPerOperation: spreadOf(runs.map(({ postgresCpu }) => postgresCpu)),
    serverRssMb: { begin: begin.rss, end: end.rss },
    serverHeapMb: { begin: begin.heap, end: end.heap },
  };
}

async function measureOnce({ server, load, problem }: Stage, seconds: number): Promise<Run> {
  const look = async () => ({
    at: performance.now(),
    operations: load.operations(),
    server: (await costOf(server.pid)).cpuMicros,
    postgres: (await costOfDescendants(server.pid)).cpuMicros,
  });
  load.takeTimes();
  const before = await look();
  await pause(seconds * 1_000);
  const after = await look();
  const times = load.takeTimes().sort((a, b) => a - b);
  const words = problem();
  if (words !== undefined) throw new Error(`The load met a problem: ${words}`);
  const operations = after.operations - before.operations;
  if (operations === 0) throw new Error('Nothing happened.');
  return {
    perSecond: operations / ((after.at - before.at) / 1_000),
    p50Ms: quantileOf(times, 0.5),
    p99Ms: quantileOf(times, 0.99),
    serverCpu: (after.server - before.server) / operations,
    postgresCpu: (after.postgres - before.postgres) / operations,
  };
}

export type Soaked = {
  readonly minutes: number;
  readonly operations: number;
  /** One in each tenth of the time. */
  readonly heapMb: readonly (number | null)[];
  readonly rssMb: readonly number[];
  /** Over the second half, when caches have filled. */
  readonly heapMbPerMinute: number;
  readonly rssMbPerMinute: number;
};

const sampleMs = 5_000;

/** One long load, to see whether the server's memory stays flat. */
export async function soak(
  stage: Stage,
  { minutes, onProgress }: { readonly minutes: number; readonly onProgress: (words: string) => void },
): Promise<Soaked> {
  const { server, load, heapMb, problem } = stage;
  const samples: { readonly minute: number; readonly heap: number | undefined; readonly rss: number }[] = [];
  load.start();
  const started = performance.now();
  for (let minute = 0; minute < minutes; ) {
    await pause(sampleMs);
    load.takeTimes();
    minute = (performance.now() - started) / 60_000;
    const sample = { minute, heap: heapMb(), rss: (await costOf(server.pid)).rssMb };
    samples.push(sample);
    onProgress(`minute ${round(minute)}: heap ${sample.heap} MB, RSS ${sample.rss} MB`);
    const words = problem();
    if (words !== undefined) throw new Error(`The load met a problem: ${words}`);
  }
  const late = samples.filter(({ minute }) => minute > minutes / 2);
  const tenths = samples.filter((_, nth) => nth % Math.max(1, Math.floor(samples.length / 10)) === 0);
  return {
    minutes,
    operations: load.operations(),
    heapMb: tenths.map(({ heap }) => heap ?? null),
    rssMb: tenths.map(({ rss }) => rss),
    heapMbPerMinute: round(
      slopeOf(late.flatMap(({ minute, heap }) => (heap === undefined ? [] : [[minute, heap] as const]))),
    ),
    rssMbPerMinute: round(slopeOf(late.map(({ minute, rss }) => [minute, rss] as const))),
  };
}
