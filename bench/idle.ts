import { closeAll, openInTurn } from './in-turn.ts';
import type { LoadSocket } from './load-socket.ts';
import type { Memory } from './memory.ts';
import { type Cpu, measureCpu } from './process-cost.ts';
import type { Loading } from './scenario.ts';
import type { Wanted } from './seed-people.ts';
import { round, type Spread, spreadOf } from './spread.ts';
import { openServing } from './stage.ts';
import { openSubscriber } from './subscriber.ts';

/** As people have them: a phone and a computer. More devices of fewer people would share more of what a server keeps. */
const devicesEach = 2;
/** Each device has a place in each of them. */
const channelsEach = 4;
const membersPerChannel = 20;

/**
 * What is opened and closed before anything is measured, so that code is compiled and pools are filled: that is no cost of a socket.
 * By few people, as what is shared by the sockets of one channel stays for a while.
 */
export const warmUp = { sockets: 200, rounds: 5 } as const;

/** For a socket that does nothing, with its heartbeat, its presence and all upkeep. */
export const goals = { rssKbPerSocket: 25, cpuMicrosPerSocketSecond: 2 } as const;

export type IdleOptions = {
  readonly sockets: number;
  readonly runs: number;
  readonly secondsPerRun: number;
  readonly profileFolder?: string | undefined;
  readonly onProgress: (words: string) => void;
};

/** Of the server's process, but where it says otherwise. */
export type Idle = {
  /** Without sockets, but warm; with all of them; and the same at the end. */
  readonly memory: { readonly before: Memory; readonly begin: Memory; readonly end: Memory };
  readonly rssKbPerSocket: { readonly begin: number; readonly end: number };
  readonly heapKbPerSocket: { readonly begin: number; readonly end: number };
  /** All that the process does in that time, with what it does without any socket. */
  readonly cpuMicrosPerSocketSecond: Spread & { readonly mean: number };
  readonly cpuMicrosPerSecondWithoutSockets: number;
  readonly postgresCpuMicrosPerSocketSecond: Spread;
  readonly goals: typeof goals;
  readonly isMet: { readonly rss: boolean; readonly cpu: boolean };
};

/** Sockets with one subscription to `events` each, caught up, while nothing happens: what they cost just by being there. */
export async function measureIdle(options: IdleOptions): Promise<object> {
  const { sockets, runs, secondsPerRun, onProgress, profileFolder } = options;
  const wanted = wantedFor(sockets);
  onProgress(`${wanted.people} people on ${devicesEach} devices each, in ${wanted.groups.length} channels …`);
  const serving = await openServing({ wanted, profileFolder, isCollectable: true });
  const opened: LoadSocket[] = [];
  try {
    await warm(serving.loading);
    const before = await serving.settledMemory();
    const alone = await measureCpu(serving.server.pid, secondsPerRun);
    onProgress(`RSS without sockets: ${before.rssMb} MB`);
    opened.push(...(await openAll(serving.loading, tokensOf(serving.loading).slice(0, sockets))));
    const begin = await serving.settledMemory();
    onProgress(`RSS with ${sockets} sockets: ${begin.rssMb} MB`);
    const cpus: Cpu[] = [];
    for (let nth = 0; nth < runs; nth++) {
      const cpu = await measureCpu(serving.server.pid, secondsPerRun);
      onProgress(`${round(cpu.server / sockets)} µs per socket and second`);
      cpus.push(cpu);
    }
    const end = await serving.settledMemory();
    const words = serving.problem();
    if (words !== undefined) throw new Error(`The load met a problem: ${words}`);
    const shape = { sockets, people: wanted.people, channels: wanted.groups.length, channelsEach };
    return { ...shape, ...reportOf({ sockets, memory: { before, begin, end }, cpus, alone }) };
  } finally {
    await closeAll(opened);
    await serving.close();
  }
}

/** Groups in layers, each of which has everybody once, in other company than the layer before. */
function wantedFor(sockets: number): Wanted {
  const groupsPerLayer = Math.ceil(sockets / devicesEach / membersPerChannel);
  const people = groupsPerLayer * membersPerChannel;
  const shift = membersPerChannel / channelsEach;
  const groups = Array.from({ length: channelsEach * groupsPerLayer }, (_, nth) => {
    const [layer, group] = [Math.floor(nth / groupsPerLayer), nth % groupsPerLayer];
    const first = group * membersPerChannel + layer * shift;
    return Array.from({ length: membersPerChannel }, (_, place) => (first + place) % people);
  });
  return { people, devicesEach, groups };
}

const tokensOf = ({ people }: Loading) => people.flatMap(({ tokens }) => tokens);

function openAll({ socketUrl: url, onProblem }: Loading, tokens: readonly string[]): Promise<LoadSocket[]> {
  const onMessage = () => onProblem('Somebody sent a message.');
  return openInTurn(tokens.length, (nth) =>
    openSubscriber({ url, token: tokens[nth] ?? '', onProblem, onMessage }),
  );
}

async function warm(loading: Loading): Promise<void> {
  const tokens = tokensOf(loading).slice(0, warmUp.sockets);
  for (let round = 0; round < warmUp.rounds; round++) {
    await closeAll(await openAll(loading, tokens));
  }
}

type Measured = Pick<Idle, 'memory'> & {
  readonly sockets: number;
  readonly cpus: readonly Cpu[];
  readonly alone: Cpu;
};

function reportOf({ sockets, memory, cpus, alone }: Measured): Idle {
  const kbOf = (what: keyof Memory) => {
    const perSocket = (now: Memory) => round(((now[what] - memory.before[what]) * 1_024) / sockets);
    return { begin: perSocket(memory.begin), end: perSocket(memory.end) };
  };
  const rssKbPerSocket = kbOf('rssMb');
  const perSocket = cpus.map(({ server }) => server / sockets);
  const mean = round(perSocket.reduce((sum, one) => sum + one, 0) / perSocket.length);
  return {
    memory,
    rssKbPerSocket,
    heapKbPerSocket: kbOf('heapMb'),
    cpuMicrosPerSocketSecond: { ...spreadOf(perSocket), mean },
    cpuMicrosPerSecondWithoutSockets: round(alone.server),
    postgresCpuMicrosPerSocketSecond: spreadOf(cpus.map(({ postgres }) => postgres / sockets)),
    goals,
    isMet: {
      rss: Math.max(rssKbPerSocket.begin, rssKbPerSocket.end) <= goals.rssKbPerSocket,
      cpu: mean <= goals.cpuMicrosPerSocketSecond,
    },
  };
}
