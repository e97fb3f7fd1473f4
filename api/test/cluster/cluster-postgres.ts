import { join } from 'node:path';
import { freePort } from '../../../bench/server-process.ts';
import { clusterIn } from '../../../prisma/embedded/place.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../../prisma/embedded-postgres.ts';

/** The PostgreSQL that comes along, shared by several servers as one of their own is. */
export type ClusterPostgres = {
  readonly url: string;
  /** Every connection is cut, and there is none until it starts again. Nothing committed is lost. */
  stop(): Promise<void>;
  startAgain(): Promise<void>;
  close(): Promise<void>;
};

/** There while it runs with this data folder. */
export const postmasterFile = (dataDir: string) =>
  join(clusterIn(join(dataDir, 'postgres')), 'postmaster.pid');

type Options = {
  readonly dataDir: string;
  readonly maxConnections: number;
  readonly onNotice: (notice: string) => void;
};

export async function openClusterPostgres(options: Options): Promise<ClusterPostgres> {
  const port = await freePort();
  const start = () => openEmbeddedPostgres({ ...options, port });
  let running: EmbeddedPostgres = await start();
  return {
    url: running.url,
    stop: () => running.close(),
    async startAgain() {
      running = await start();
    },
    close: () => running.close(),
  };
}
