import { pino } from 'pino';
import { systemClock } from '../../../schema/ports/clock.ts';
import { createStallingClock, type LeasesWorld } from '../../../schema/ports/leases.contract.ts';
import type { Leases } from '../../../schema/ports/leases.ts';
import { type RedisServer, startRedis } from '../../test/engines/redis.ts';
import { openRedisLeases } from '../leases.redis.ts';
import { openRedis, type RedisConnection } from '../redis-connection.ts';

const logger = pino({ enabled: false });

/** A process: its connection, and what makes it stand still. */
type Opened = {
  readonly redis: RedisConnection;
  readonly stall: (during: () => Promise<void>) => Promise<void>;
};

/** `aheadMs`: how wrong its clock is; `port`: where it reaches Redis, if by another way than the others. */
type Process = { readonly aheadMs?: number; readonly port?: number | undefined };

export type RedisLeasesWorld = LeasesWorld & {
  readonly server: RedisServer;
  open(process?: Process): Promise<Leases>;
  /** Begins every key. */
  prefixOf(leases: Leases): string;
  /** The connection of a process, to look at what Redis keeps. */
  redisOf(leases: Leases): RedisConnection['commands'];
};

/** A Redis of its own, and as many processes on it as are opened, each with a connection of its own. Time is what it is. */
export async function openRedisLeasesWorld(): Promise<RedisLeasesWorld> {
  const server = await startRedis();
  const opened = new Map<Leases, Opened>();
  const openedAs = (leases: Leases): Opened => {
    const found = opened.get(leases);
    if (found === undefined) throw new Error('This process is not one of this world, or it is dead.');
    return found;
  };
  return {
    server,
    redisOf: (leases) => openedAs(leases).redis.commands,
    prefixOf: (leases) => openedAs(leases).redis.prefix,
    async open({ aheadMs = 0, port = server.port } = {}) {
      const redis = await openRedis(`redis://127.0.0.1:${port}`, { logger, installation: 'a test' });
      const { clock, stall } = createStallingClock({
        ...systemClock,
        now: () => systemClock.now() + aheadMs,
      });
      const leases = await openRedisLeases({ redis, clock, logger });
      opened.set(leases, { redis, stall });
      return leases;
    },
    async kill(leases) {
      const { redis, stall } = openedAs(leases);
      opened.delete(leases);
      void stall(() => new Promise<void>(() => undefined));
      await redis.close();
    },
    stall: (leases, ms) => openedAs(leases).stall(() => systemClock.sleep(ms)),
    now: systemClock.now,
    advance: (ms) => systemClock.sleep(ms),
    async close() {
      for (const [leases, { redis }] of opened) {
        await leases.close();
        await redis.close();
      }
      await server.close();
    },
  };
}
