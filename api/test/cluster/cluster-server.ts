import {
  freePort,
  type Keeper,
  type OwnProcess,
  type ServerProcessOptions,
  startServerProcess,
  startWorkerProcess,
} from '../../../bench/server-process.ts';

/** One of several processes. It has the same port whenever it runs: a worker for its metrics alone. */
export type ClusterProcess = {
  readonly name: string;
  readonly port: number;
  /** Of its process; undefined while it does not run. */
  readonly pid: () => number | undefined;
  /** As a service manager does: it is drained, then ends. Resolves with the exit code, also when it was not running. */
  stop(): Promise<number | null>;
  /** As `kill -9`. */
  kill(): Promise<void>;
  /** Resolves when it is ready. Changes nothing while it runs. `once`: for this one time, beside what it is told at every start. */
  startAgain(once?: Told): Promise<void>;
};

/** Settings by their names in api/config.ts, and flags for Node itself. */
export type Told = {
  readonly settings?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
};

export type ClusterServer = ClusterProcess & {
  /** Past the balancer: where operations go over HTTP, and where sockets are opened. */
  readonly httpUrl: string;
  readonly socketUrl: string;
};

type Options = Pick<ServerProcessOptions, 'from' | 'folder' | 'settings' | 'onLog' | 'onLine'> & {
  readonly name: string;
  readonly keeper: Keeper;
  /** What it is told at every start beside the settings, when its port is known. */
  readonly toldAt: (port: number) => Promise<Told>;
  /** It ended although nobody asked it to. */
  readonly onCrash: (words: string) => void;
};

/** The first is as `npm start` gives it. */
const nodeOptions = ['--max-semi-space-size=32', '--trace-warnings'];

/** Starts it, and resolves when it is ready. */
export async function startClusterServer(options: Options): Promise<ClusterServer> {
  const { process, first } = await startClusterProcess(options, startServerProcess);
  const { httpUrl, socketUrl } = first;
  return { ...process, httpUrl, socketUrl };
}

/** The same of a worker. */
export const startClusterWorker = async (options: Options): Promise<ClusterProcess> =>
  (await startClusterProcess(options, startWorkerProcess)).process;

async function startClusterProcess<P extends OwnProcess>(
  { name, onCrash, toldAt, ...options }: Options,
  startProcess: (options: ServerProcessOptions) => Promise<P>,
): Promise<{ readonly process: ClusterProcess; readonly first: P }> {
  const port = await freePort();
  const usual = await toldAt(port);
  let running: P | undefined;
  let lastCode: number | null = 0;

  async function start(once: Told = {}): Promise<P> {
    const started = await startProcess({
      ...{ ...options, port },
      settings: { ...options.settings, ...usual.settings, ...once.settings },
      nodeOptions: [...nodeOptions, ...(usual.nodeOptions ?? []), ...(once.nodeOptions ?? [])],
    });
    running = started;
    void started.ended.then((code) => {
      if (running !== started) return;
      running = undefined;
      lastCode = code;
      onCrash(`${name} ended with exit code ${code}.`);
    });
    return started;
  }
  /** From now on its end is no surprise. */
  function take(): P | undefined {
    const taken = running;
    running = undefined;
    return taken;
  }

  const first = await start();
  const process: ClusterProcess = {
    ...{ name, port },
    pid: () => running?.pid,
    async stop() {
      const taken = take();
      if (taken !== undefined) lastCode = await taken.stop();
      return lastCode;
    },
    async kill() {
      await take()?.kill();
    },
    async startAgain(once) {
      if (running === undefined) await start(once);
    },
  };
  return { process, first };
}
