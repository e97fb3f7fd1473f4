import { join } from 'node:path';
import { makeTempFolder } from '../prisma/temp-folder.ts';
import type { Load, Scenario } from './scenario.ts';
import { seedPeople } from './seed-people.ts';
import { freePort, type ServerProcess, startServerProcess } from './server-process.ts';

/** What stands in the way of a load by a hundred sockets from one address, and for how much it is raised. */
export const raisedSettings = {
  FRAMES_PER_SECOND: '100000',
  FRAMES_BURST: '100000',
  ACCESS_TOKEN_SECONDS: '86400',
} as const;

export type Stage = {
  readonly server: ServerProcess;
  readonly load: Load;
  /** What the scenario finds out besides. */
  readonly look: () => Promise<object>;
  /** Megabytes that the server's heap had after its last garbage collection; undefined before the first one. */
  readonly heapMb: () => number | undefined;
  /** The first thing that went wrong. */
  readonly problem: () => string | undefined;
  close(): Promise<void>;
};

type Options = {
  readonly scenario: Scenario;
  /** Where Node leaves a profile of the server's processor time. */
  readonly profileFolder?: string | undefined;
};

/** A built server in a process of its own, on an embedded PostgreSQL with people in it, and the sockets of a load. */
export async function openStage({ scenario, profileFolder }: Options): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const folder = await makeTempFolder();
    closers.push(folder.remove);
    const settings = {
      ...raisedSettings,
      DATA_DIR: join(folder.path, 'data'),
      DEMO: 'off',
      LOG_LEVEL: 'warn',
    };
    const people = await seedPeople(settings, scenario);
    const heap = createHeapWatch();
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const server = await startServerProcess({
      from: 'dist',
      folder: folder.path,
      port: await freePort(),
      settings,
      // The first as `npm start` gives it: what an answer is made of then dies young, which saves a tenth of the time of a first screen.
      nodeOptions: ['--max-semi-space-size=32', '--trace-gc', ...profile],
      onLine: heap.onLine,
    });
    closers.push(server.stop);
    let problem: string | undefined;
    const onProblem = (words: string) => {
      problem ??= words;
    };
    const { socketUrl, httpUrl } = server;
    const loading = { socketUrl, httpUrl, people, onProblem };
    const load = await scenario.open(loading);
    closers.push(load.close);
    const look = async () => (await scenario.look?.(loading)) ?? {};
    return { server, load, look, heapMb: heap.heapMb, problem: () => problem, close };
  } catch (error) {
    await close();
    throw error;
  }
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
