import { join } from 'node:path';
import { makeTempFolder } from '../prisma/temp-folder.ts';
import { collectable, createMemoryWatch, type Memory } from './memory.ts';
import type { Load, Loading, Scenario } from './scenario.ts';
import { seedPeople, type Wanted } from './seed-people.ts';
import { freePort, type ServerProcess, startServerProcess } from './server-process.ts';

/** What stands in the way of a load by many sockets from one address and by few people, and for how much it is raised. */
export const raisedSettings = {
  FRAMES_PER_SECOND: '100000',
  FRAMES_BURST: '100000',
  ACCESS_TOKEN_SECONDS: '86400',
  FIELDS_PER_MINUTE: '1000000000000',
  MESSAGES_PER_MINUTE: '1000000000',
  PEOPLE_PER_HOUR: '1000000000',
  CHANGES_PER_MINUTE: '1000000000',
  SOCKETS_PER_ADDRESS: '1000000',
  PENDING_SOCKETS_PER_ADDRESS: '1000000',
  SOCKETS_PER_SECOND: '1000000',
} as const;

/** A server with people in it. */
export type Serving = {
  readonly server: ServerProcess;
  /** What a load client needs to know. */
  readonly loading: Loading;
  /** Megabytes that the server's heap had after its last garbage collection; undefined before the first one. */
  readonly heapMb: () => number | undefined;
  /** What the server holds when all its garbage is collected, which this sees to. Only of one that is `collectable`. */
  readonly settledMemory: () => Promise<Memory>;
  /** The first thing that went wrong. */
  readonly problem: () => string | undefined;
  close(): Promise<void>;
};

export type Stage = Serving & {
  readonly load: Load;
  /** What the scenario finds out besides. */
  readonly look: () => Promise<object>;
};

type ServingOptions = {
  readonly wanted: Wanted;
  /** Where Node leaves a profile of the server's processor time. */
  readonly profileFolder?: string | undefined;
  readonly isCollectable?: boolean;
};

type Options = Pick<ServingOptions, 'profileFolder'> & { readonly scenario: Scenario };

/** A built server in a process of its own, on an embedded PostgreSQL with people in it. */
export async function openServing({ wanted, ...options }: ServingOptions): Promise<Serving> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = () => closeAll(closers);
  try {
    const folder = await makeTempFolder();
    closers.push(folder.remove);
    const settings = {
      ...raisedSettings,
      DATA_DIR: join(folder.path, 'data'),
      DEMO: 'off',
      LOG_LEVEL: 'warn',
    };
    const people = await seedPeople(settings, wanted);
    const heap = createHeapWatch();
    const memory = createMemoryWatch();
    const server = await startServerProcess({
      from: 'dist',
      folder: folder.path,
      port: await freePort(),
      settings,
      nodeOptions: nodeOptionsOf(options),
      onLine(line) {
        heap.onLine(line);
        memory.onLine(line);
      },
    });
    closers.push(server.stop);
    let problem: string | undefined;
    const onProblem = (words: string) => {
      problem ??= words;
    };
    const { socketUrl, httpUrl } = server;
    const loading = { socketUrl, httpUrl, people, onProblem };
    const settledMemory = () => memory.settled(server.pid);
    return { server, loading, heapMb: heap.heapMb, settledMemory, problem: () => problem, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first is as `npm start` gives it: what an answer is made of then dies young, which saves a tenth of the time of a first screen. */
const nodeOptionsOf = ({ profileFolder, isCollectable = false }: Omit<ServingOptions, 'wanted'>) => [
  '--max-semi-space-size=32',
  '--trace-gc',
  ...(isCollectable ? collectable : []),
  ...(profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]),
];

/** The same with the sockets of a load. */
export async function openStage({ scenario, profileFolder }: Options): Promise<Stage> {
  const serving = await openServing({ wanted: scenario, profileFolder });
  const { loading } = serving;
  const closers = [serving.close];
  const close = () => closeAll(closers);
  try {
    const load = await scenario.open(loading);
    closers.push(load.close);
    const look = async () => (await scenario.look?.(loading)) ?? {};
    return { ...serving, load, look, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeAll(closers: (() => Promise<unknown>)[]): Promise<void> {
  for (const closer of closers.splice(0).reverse()) await closer();
}

/**
 * Node says after each collection what is left (`--trace-gc`), so the server needs nothing for it. A full one is the truth;
 * until the first of those, the others must do.
 */
function createHeapWatch() {
  let full: number | undefined;
  let any: number | undefined;
  return {
    onLine(line: string): void {
      const [, kind, left] = /: (Scavenge|Mark-Compact)[^>]*-> ([\d.]+) \(/.exec(line) ?? [];
      if (left === undefined) return;
      any = Number(left);
      if (kind === 'Mark-Compact') full = any;
    },
    heapMb: () => full ?? any,
  };
}
