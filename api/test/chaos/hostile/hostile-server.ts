import { join } from 'node:path';
import { createMemoryWatch, type Memory } from '../../../../bench/memory.ts';
import { costOf } from '../../../../bench/process-cost.ts';
import { type Person, seedPeople } from '../../../../bench/seed-people.ts';
import { freePort, type ServerProcess, startServerProcess } from '../../../../bench/server-process.ts';
import { makeTempFolder } from '../../../../prisma/temp-folder.ts';
import { collectable } from '../resources.ts';

/** A server with little memory, in which some people share one channel. */
export type HostileServer = {
  readonly server: ServerProcess;
  readonly people: readonly Person[];
  readonly channelId: string;
  /** Processor time that it has used. */
  cpuMs(): Promise<number>;
  /** Megabytes that it held at most since this was asked last. */
  peakMb(): number;
  /** What it holds when its garbage is gone. */
  settled(): Promise<Memory>;
  /** Whether it runs and takes part. */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
};

type Options = {
  readonly from: 'dist' | 'source';
  readonly people: number;
  readonly onLog: ((line: string) => void) | undefined;
};

/** Two people say as much as a hundred do; whatever protects a server from sockets is as it is by default. */
const settings = {
  ...{ DEMO: 'off', LOG_LEVEL: 'warn', ACCESS_TOKEN_SECONDS: '86400' },
  ...{ MESSAGES_PER_MINUTE: '1000000', CHANGES_PER_MINUTE: '1000000', PEOPLE_PER_HOUR: '1000000' },
  ...{ FIELDS_PER_MINUTE: '1000000000000', FIELDS_PER_MINUTE_PER_ADDRESS: '1000000000000' },
};
/** The first as `npm start` has it. */
const nodeOptions = ['--max-semi-space-size=32', '--max-old-space-size=256'];
const sampleMs = 500;
const answerMs = 10_000;

export async function openHostileServer({ from, people: count, onLog }: Options): Promise<HostileServer> {
  const folder = await makeTempFolder();
  const closers: (() => Promise<unknown>)[] = [folder.remove];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const own = { ...settings, DATA_DIR: join(folder.path, 'data') };
    const everybody = Array.from({ length: count }, (_, person) => person);
    const people = await seedPeople(own, { people: count, groups: [everybody] });
    const memory = createMemoryWatch();
    const server = await startServerProcess({
      ...{ from, folder: folder.path, port: await freePort(), settings: own, onLog },
      nodeOptions: [...nodeOptions, ...collectable(from)],
      onLine: memory.onLine,
    });
    closers.push(server.stop);
    const peak = watchPeak(server.pid);
    closers.push(async () => peak.stop());
    return {
      ...{ server, people, close, peakMb: peak.take },
      channelId: people[0]?.channelIds[0] ?? '',
      cpuMs: async () => (await costOf(server.pid)).cpuMicros / 1_000,
      settled: () => memory.settled(server.pid),
      isAlive: () => isReady(server),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function watchPeak(pid: number): { take(): number; stop(): void } {
  let most = 0;
  const look = async () => {
    most = Math.max(most, (await costOf(pid)).rssMb);
  };
  const timer = setInterval(() => void look(), sampleMs);
  return {
    take() {
      const taken = most;
      most = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}

async function isReady({ port, ended }: ServerProcess): Promise<boolean> {
  const answer = fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(answerMs) });
  const isWell = answer.then(({ ok }) => ok).catch(() => false);
  return Promise.race([isWell, ended.then(() => false)]);
}
