import { openDatabase } from '../../../prisma/open-database.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { readConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { createMetrics, type Metrics } from '../../metrics/metrics.ts';
import { openPlatform } from '../../platform.ts';
import { openServer } from '../../server.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { type RedisServer, startRedis } from '../engines/redis.ts';

/** One server of several on the same database and Redis, put together as a start does it. */
export type FleetServer = {
  readonly httpUrl: string;
  readonly socketUrl: string;
  readonly metrics: Metrics;
};

/** How many connections to PostgreSQL a server has: the test run has several of them. */
const poolSize = 8;
/** People are made here by the dozen, and none of them is real. */
const passwordCost = { memoryKib: 8, passes: 1 } as const;

/** Opens a server; throws what a start throws. Closed at the end of the test. */
export async function openFleetServer(
  databaseUrl: string,
  settings: Readonly<Record<string, string>>,
): Promise<FleetServer> {
  const config = readConfig({ PORT: '0', DATABASE_URL: databaseUrl, WEB_DEMO: 'off', ...settings });
  const metrics = createMetrics();
  const database = closeAtEnd(await openDatabase(databaseUrl, { poolSize }));
  const opened = closeAtEnd(
    await openPlatform({ ...config, metrics, passwordCost }, database, createLog('silent')),
  );
  const server = closeAtEnd(await openServer({ ...opened, metrics }, config));
  return { httpUrl: server.url, socketUrl: server.socketUrl, metrics };
}

/** Two servers that people may reach one or the other of, and the Redis between them. Closed at the end of the test. */
export async function openTwoServers(): Promise<{
  readonly here: FleetServer;
  readonly there: FleetServer;
  readonly redis: RedisServer;
}> {
  const { url } = closeAtEnd(await openTestDatabase());
  const redis = closeAtEnd(await startRedis());
  const settings = { REDIS_URL: redis.url };
  const [here, there] = [await openFleetServer(url, settings), await openFleetServer(url, settings)];
  return { here, there, redis };
}

/** What a server counts under this name, all labels together unless one line is meant. */
export async function countOf({ metrics }: FleetServer, line: string): Promise<number> {
  const lines = (await metrics.text()).split('\n').filter((one) => one.startsWith(line));
  return lines.reduce((sum, one) => sum + Number(one.slice(one.lastIndexOf(' ') + 1)), 0);
}
