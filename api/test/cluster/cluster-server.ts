import {
  freePort,
  type Keeper,
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from '../../../bench/server-process.ts';

/** One of several servers. It has the same port whenever it runs. */
export type ClusterServer = {
  readonly name: string;
  readonly port: number;
  /** Past the balancer: where operations go over HTTP, and where sockets are opened. */
  readonly httpUrl: string;
  readonly socketUrl: string;
  /** Of its process; undefined while it does not run. */
  readonly pid: () => number | undefined;
  /** As a service manager does: it is drained, then ends. Resolves with the exit code, also when it was not running. */
  stop(): Promise<number | null>;
  /** As `kill -9`. */
  kill(): Promise<void>;
  /** Resolves when it is ready. Changes nothing while it runs. */
  startAgain(): Promise<void>;
};

type Options = Pick<ServerProcessOptions, 'from' | 'folder' | 'settings' | 'onLog'> & {
  readonly name: string;
  readonly keeper: Keeper;
  /** It ended although nobody asked it to. */
  readonly onCrash: (words: string) => void;
};

/** The first is as `npm start` gives it. */
const nodeOptions = ['--max-semi-space-size=32', '--trace-warnings'];

/** Starts it, and resolves when it is ready. */
export async function startClusterServer({ name, onCrash, ...options }: Options): Promise<ClusterServer> {
  const port = await freePort();
  let running: ServerProcess | undefined;
  let lastCode: number | null = 0;

  async function start(): Promise<ServerProcess> {
    const server = await startServerProcess({ ...options, port, nodeOptions });
    running = server;
    void server.ended.then((code) => {
      if (running !== server) return;
      running = undefined;
      lastCode = code;
      onCrash(`${name} ended with exit code ${code}.`);
    });
    return server;
  }
  /** From now on its end is no surprise. */
  function take(): ServerProcess | undefined {
    const server = running;
    running = undefined;
    return server;
  }

  const { httpUrl, socketUrl } = await start();
  return {
    ...{ name, port, httpUrl, socketUrl },
    pid: () => running?.pid,
    async stop() {
      const server = take();
      if (server !== undefined) lastCode = await server.stop();
      return lastCode;
    },
    async kill() {
      await take()?.kill();
    },
    async startAgain() {
      if (running === undefined) await start();
    },
  };
}
