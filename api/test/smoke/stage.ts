import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transform } from 'node:stream';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import type { Stage } from './play.ts';
import { embeddedUrl, readByDatabase } from './read-log.ts';

export type StageOptions = {
  readonly from: 'dist' | 'source';
  readonly seed: number;
  /** The run is over: nothing needs to start again. */
  readonly signal: AbortSignal;
  /** Puts something between the server and its clients that breaks promises, to see that this is noticed. */
  readonly rewrite?: () => Transform;
  readonly onProgress: (words: string) => void;
  /** Called at the end, the last one first. */
  readonly closers: (() => Promise<unknown>)[];
};

/** A stage that a run has for itself. */
export type OwnStage = Stage & {
  /** How often what happened to it so far. */
  readonly troubles: () => Readonly<Record<string, number>>;
  /** Stops what runs. Resolves with the exit code of each server. */
  readonly stop: () => Promise<readonly (number | null)[]>;
};

/** One server on an empty data folder. Its trouble: it is killed, then starts at once on the same data and port. */
export async function openOneServer(options: StageOptions): Promise<OwnStage> {
  const { onProgress, from, signal, rewrite, closers } = options;
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const dataDir = join(folder.path, 'data');
  await mkdir(dataDir);
  const port = await freePort();
  const settings = { DATA_DIR: dataDir, DEMO: 'off', LOG_LEVEL: 'warn' };
  const start = () => startServerProcess({ from, folder: folder.path, port, settings });
  let starting = start();
  let server = await starting;
  closers.push(async () => (await starting.catch(() => server)).stop());
  onProgress('The server runs.');
  const proxy = await openTcpProxy({ targetPort: port, ...(rewrite && { rewrite }) });
  closers.push(proxy.close);
  let kills = 0;
  return {
    found: async () => readByDatabase(await embeddedUrl(dataDir)),
    proxy,
    httpUrl: server.httpUrl,
    troubles: () => ({ kills }),
    stop: async () => [await server.stop()],
    async trouble() {
      kills += 1;
      await server.kill();
      if (signal.aborted) return;
      starting = start();
      server = await starting;
      onProgress(`The server was killed and runs again (${kills}).`);
    },
  };
}
