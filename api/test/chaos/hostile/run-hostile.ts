import { setMaxListeners } from 'node:events';
import { quantileOf, round } from '../../../../bench/spread.ts';
import { openFaultProxy } from '../../faults/proxy.ts';
import { type AttackName, keepAttacking } from './attackers.ts';
import { type Cast, castOf, peopleCount } from './cast.ts';
import { type HostileServer, openHostileServer } from './hostile-server.ts';
import { countMissing } from './missing.ts';
import { keepReading, keepStalling, rest, type Stalls } from './slow-readers.ts';
import { startTalk, type Talk } from './talk.ts';
import type { HostileRun } from './verdict.ts';

export type HostileOptions = {
  readonly from: 'dist' | 'source';
  /** So long only normal readers are there. */
  readonly baselineMs: number;
  /** And so long all the others, too. */
  readonly ms: number;
  /** Compares what is no garbage, too: half a minute more. */
  readonly settles: boolean;
  /** Ends it: everything is closed, and it rejects. */
  readonly signal: AbortSignal;
  readonly onProgress: (words: string) => void;
  readonly onLog?: (line: string) => void;
};

/** As long as the issue of it asks for. */
export const usualMs = { baselineMs: 120_000, ms: 600_000 } as const;

const perSecond = 100;
const narrowBytesPerSecond = 1_024;
/** So much of each part is not counted: what was just begun is slow. */
const warmUpPart = 0.1;

/** A server of its own with slow and hostile clients, beside normal ones that should not notice. Leaves nothing behind. */
export async function runHostile(options: HostileOptions): Promise<HostileRun> {
  const started = performance.now();
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const host = await openHostileServer({ from: options.from, people: peopleCount, onLog: options.onLog });
    closers.push(host.close);
    const { port, socketUrl } = host.server;
    const narrow = await openFaultProxy({ targetPort: port, random: Math.random });
    closers.push(narrow.close);
    await narrow.set({ bytesPerSecond: narrowBytesPerSecond });
    const times: number[] = [];
    const cast = castOf({
      ...{ people: host.people, socketUrl },
      narrowUrl: `ws://127.0.0.1:${narrow.port}/graphql`,
      onMessage: (sentAt) => times.push(performance.now() - sentAt),
    });
    const widen = () => narrow.set({});
    const found = await play({ host, cast, times, widen, options });
    return { ...found, seconds: Math.round((performance.now() - started) / 1_000) };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

type Play = {
  readonly host: HostileServer;
  readonly cast: Cast;
  /** In milliseconds, of each message at each normal reader. */
  readonly times: number[];
  readonly widen: () => Promise<void>;
  readonly options: HostileOptions;
};

async function play(playing: Play): Promise<Omit<HostileRun, 'seconds'>> {
  const { host, cast, widen, options } = playing;
  await Promise.all(cast.normal.map((reader) => reader.open()));
  const calm = await part(playing, options.baselineMs);
  const before = options.settles ? await host.settled() : undefined;
  await Promise.all([...cast.stalling, ...cast.narrow].map((reader) => reader.open()));
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, options.signal]);
  // Everybody here listens to it, some of them twice.
  setMaxListeners(2 * peopleCount, signal);
  const hostility = beHostile(playing, signal);
  const wild = await part(playing, options.ms);
  over.abort();
  const done = await hostility;
  await widen();
  const alive = await host.isAlive();
  const missing = alive
    ? await countMissing({ host, cast, calm: calm.acked, wild: wild.acked })
    : wild.acked.size;
  const after = alive && options.settles ? await host.settled() : undefined;
  const settledGrowthMb = before && after ? round(after.rssMb - before.rssMb) : null;
  return { ...countsOf(cast), ...done, ...compared(calm, wild), settledGrowthMb, alive, missing };
}

type Part = {
  readonly p99Ms: number;
  readonly peakMb: number;
  readonly acked: ReadonlySet<number>;
  readonly refused: number;
};

/** People talk for so long. */
async function part({ host, cast, times, options: { signal, onProgress } }: Play, ms: number): Promise<Part> {
  const talk: Talk = await startTalk({
    url: host.server.socketUrl,
    tokens: cast.talkers.map(({ token }) => token),
    channelId: host.channelId,
    perSecond,
  });
  await restWhileAlive(host, ms * warmUpPart, signal);
  times.length = 0;
  host.peakMb();
  const before = await host.cpuMs();
  await restWhileAlive(host, ms * (1 - warmUpPart), signal);
  const cores = round(((await host.cpuMs()) - before) / (ms * (1 - warmUpPart)));
  const counted = Float64Array.from(times.splice(0)).sort();
  const peakMb = host.peakMb();
  await talk.stop();
  signal.throwIfAborted();
  for (const words of talk.refusals) onProgress(words);
  const p99Ms = round(quantileOf([...counted], 0.99));
  onProgress(`p99 ${p99Ms} ms, at most ${peakMb} MB, ${cores} of a core.`);
  return { p99Ms, peakMb, acked: talk.acknowledged, refused: talk.refused() };
}

async function restWhileAlive({ server }: HostileServer, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await Promise.race([rest(ms, AbortSignal.any([signal, over.signal])), server.ended]);
  over.abort();
}

const attackNames: readonly AttackName[] = ['pings', 'subscriptions', 'ids'];

/** All those who make trouble, until the signal. */
async function beHostile({ cast, host: { server } }: Play, signal: AbortSignal) {
  const stalls: Stalls = { count: 0, longestMs: 0 };
  const attacking = attackNames.map((name, nth) =>
    keepAttacking(name, { url: server.socketUrl, token: cast.attackers[nth]?.token ?? '', signal }),
  );
  await Promise.all([
    ...cast.stalling.map((reader) => keepStalling(reader, stalls, signal)),
    ...cast.narrow.map((reader) => keepReading(reader, signal)),
  ]);
  const narrowEnds = total(cast.narrow.map(({ counts }) => counts.ends));
  const [pings = 0, subscriptions = 0, ids = 0] = await Promise.all(attacking);
  const stalledSeconds = round(stalls.longestMs / 1_000);
  return { stalls: stalls.count, stalledSeconds, narrowEnds, pings, subscriptions, ids };
}

const total = (figures: readonly number[]) => figures.reduce((sum, figure) => sum + figure, 0);

function countsOf({ normal, stalling, narrow }: Cast) {
  const all = [...normal, ...stalling, ...narrow].map(({ counts }) => counts);
  return {
    resets: total(all.map(({ resets }) => resets)),
    disorders: total(all.map(({ disorders }) => disorders)),
    normalEnds: total(normal.map(({ counts }) => counts.ends)),
  };
}

const compared = (calm: Part, wild: Part) => ({
  acked: calm.acked.size + wild.acked.size,
  refused: calm.refused + wild.refused,
  rssGrowthMb: round(wild.peakMb - calm.peakMb),
  p99Ms: wild.p99Ms,
  baselineP99Ms: calm.p99Ms,
  p99Ratio: round(wild.p99Ms / calm.p99Ms),
});
