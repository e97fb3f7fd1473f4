import { afterAll, afterEach, beforeAll } from 'vitest';
import { freePort, type ServerProcess, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Whatever a test opens is closed when it ends, in reverse order. */
export function closeAtEnd<T extends { close(): unknown }>(thing: T): T {
  closers.push(async () => thing.close());
  return thing;
}

/** A server of the test's own, in a process of its own, on a database of its own that outlives it. */
export type Running = {
  readonly databaseUrl: string;
  readonly server: () => ServerProcess;
  /** Starts it again on the same data and port; it has ended before. */
  readonly startAgain: () => Promise<void>;
};

export async function runServer(settings: Readonly<Record<string, string>> = {}): Promise<Running> {
  const { close, ...running } = await openRunning(settings);
  closers.push(close);
  return running;
}

/** One server for all tests of a file that only talk to it: each of them has people of its own. */
export function serverOfAll(settings: Readonly<Record<string, string>> = {}): () => ServerProcess {
  let running: Awaited<ReturnType<typeof openRunning>> | undefined;
  beforeAll(async () => {
    running = await openRunning(settings);
  });
  afterAll(() => running?.close());
  return () => {
    if (running === undefined) throw new Error('The server runs only while tests do.');
    return running.server();
  };
}

async function openRunning(settings: Readonly<Record<string, string>>) {
  const database = await openTestDatabase();
  const folder = await makeTempFolder();
  const port = await freePort();
  const start = () =>
    startServerProcess({
      from: 'source',
      folder: folder.path,
      port,
      settings: { DATABASE_URL: database.url, LOG_LEVEL: 'warn', ...settings },
    });
  let server = await start();
  return {
    databaseUrl: database.url,
    server: () => server,
    async startAgain() {
      server = await start();
    },
    async close() {
      await server.stop();
      await folder.remove();
      await database.close();
    },
  };
}
