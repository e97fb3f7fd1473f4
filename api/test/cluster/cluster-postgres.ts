import { join } from 'node:path';
import { freePort } from '../../../bench/server-process.ts';
import { clusterIn } from '../../../prisma/embedded/place.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../../prisma/embedded-postgres.ts';
import { processesOf, signalAll, stopAll } from './postgres-processes.ts';

/** The PostgreSQL that comes along, shared by several servers as one of their own is. */
export type ClusterPostgres = {
  readonly url: string;
  /**
   * Every connection is cut, and there is none until it starts again. Nothing committed is lost. `immediate`: it leaves everything as it
   * is, and puts it in order when it starts.
   */
  stop(how?: 'immediate'): Promise<void>;
  /** After a stop, or when it has ended by itself. */
  startAgain(): Promise<void>;
  /**
   * It stands still: connections stay, nobody is answered. `door`: only for those that connect from now on. Resolves with how many
   * processes do. Only where its processes can be found.
   */
  pause(what?: 'door'): Promise<number>;
  resume(): Promise<void>;
  /** The one that starts the others first. None when it does not run, or where they cannot be found. */
  processes(): Promise<readonly number[]>;
  close(): Promise<void>;
};

const fileIn = (folder: string) => join(clusterIn(folder), 'postmaster.pid');
/** There while it runs with this data folder. */
export const postmasterFile = (dataDir: string) => fileIn(join(dataDir, 'postgres'));

type Options = {
  readonly dataDir: string;
  readonly maxConnections: number;
  readonly onNotice: (notice: string) => void;
};

export async function openClusterPostgres(options: Options): Promise<ClusterPostgres> {
  const port = await freePort();
  const start = () => openEmbeddedPostgres({ ...options, port });
  let running: EmbeddedPostgres = await start();
  const processes = () => processesOf(fileIn(running.dataDir));
  const resume = async () => signalAll(await processes(), 'SIGCONT');
  /** What stands still would not stop. */
  const close = async () => {
    await resume();
    await running.close();
  };
  return {
    url: running.url,
    async stop(how) {
      await resume();
      if (how === 'immediate') signalAll((await processes()).slice(0, 1), 'SIGQUIT');
      await running.close();
    },
    async startAgain() {
      await close();
      running = await start();
    },
    async pause(what) {
      if (what === undefined) return (await stopAll(fileIn(running.dataDir))).length;
      const door = (await processes()).slice(0, 1);
      signalAll(door, 'SIGSTOP');
      return door.length;
    },
    ...{ resume, processes, close },
  };
}
