import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transform } from 'node:stream';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import type { History } from './history.ts';
import type { SmokeSize } from './plan.ts';
import { play, type Stage } from './play.ts';
import { embeddedUrl } from './read-log.ts';

export type SmokeOptions = {
  readonly size: SmokeSize;
  readonly seed: number;
  readonly from: 'dist' | 'source';
  /** Ends the run: everything is closed, and it rejects. */
  readonly signal: AbortSignal;
  /** Puts something between the server and its clients that breaks promises, to see that this is noticed. */
  readonly rewrite?: () => Transform;
  readonly onProgress: (words: string) => void;
};

export type SmokeRun = { readonly history: History; readonly kills: number; readonly seconds: number };

/** Runs people, devices and mischief against a server of its own on an empty data folder, and says what was recorded. Leaves nothing behind. */
export async function runSmoke(options: SmokeOptions): Promise<SmokeRun> {
  const closers: (() => Promise<unknown>)[] = [];
  const started = performance.now();
  try {
    const { kills, ...stage } = await openStage(options, closers);
    const history = await play(stage, { ...options, mischief: options.rewrite ? 'none' : 'all' });
    const code = await stage.server().stop();
    if (code !== 0) throw new Error(`The server ended with exit code ${code}.`);
    return { history, kills: kills(), seconds: (performance.now() - started) / 1_000 };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** How often its server was killed so far. */
type KilledStage = Stage & { readonly kills: () => number };

async function openStage(options: SmokeOptions, closers: (() => Promise<unknown>)[]): Promise<KilledStage> {
  const { onProgress, from, signal, rewrite } = options;
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
    databaseUrl: () => embeddedUrl(dataDir),
    proxy,
    server: () => server,
    kills: () => kills,
    async restartServer() {
      kills += 1;
      await server.kill();
      if (signal.aborted) return;
      starting = start();
      server = await starting;
      onProgress(`The server was killed and runs again (${kills}).`);
    },
  };
}
