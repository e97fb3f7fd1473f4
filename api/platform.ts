import type { Logger } from 'pino';
import { checkLogHome, readEpoch } from '../prisma/log-home.ts';
import { openCassandra } from '../prisma/open-cassandra.ts';
import type { Database } from '../prisma/open-database.ts';
import { startError } from '../prisma/start-error.ts';
import { createPasswords, type PasswordCost } from '../schema/account/passwords.ts';
import { usersOf } from '../schema/account/users.ts';
import { createAuthors } from '../schema/authors.ts';
import { defaultLimits } from '../schema/limits.ts';
import { openMemoryBus } from '../schema/ports/bus.memory.ts';
import { systemClock } from '../schema/ports/clock.ts';
import type { EventLog } from '../schema/ports/event-log.ts';
import { openMemoryLeases } from '../schema/ports/leases.memory.ts';
import { openMemoryLimiter } from '../schema/ports/limiter.memory.ts';
import type { Platform } from '../schema/ports/platform.ts';
import { openPresence } from '../schema/presence/open-presence.ts';
import { createPersonRows } from '../schema/presence/person-rows.ts';
import type { RateLimits } from '../schema/rate-limits.ts';
import type { Product } from '../schema/scope.ts';
import { openFleet } from '../schema/server/fleet.ts';
import { openAccessTokens } from '../schema/session/access-tokens.ts';
import { openStream } from '../schema/stream/open-stream.ts';
import { openTyping } from '../schema/typing/open-typing.ts';
import { type CassandraConfig, cassandraPlaceOf } from './cassandra-place.ts';
import type { Config } from './config.ts';
import { openRedisBus } from './drivers/bus.redis.ts';
import { openPostgresContacts } from './drivers/contacts.postgres.ts';
import { openCassandraEventLog } from './drivers/event-log.cassandra.ts';
import { openPostgresEventLog } from './drivers/event-log.postgres.ts';
import { openRedisHeadCache } from './drivers/head-cache.redis.ts';
import { openRedisLeases } from './drivers/leases.redis.ts';
import { openRedisLimiter } from './drivers/limiter.redis.ts';
import { openPostgresMemberships } from './drivers/memberships.postgres.ts';
import { openPostgresPositions } from './drivers/positions.postgres.ts';
import { openRedis, type RedisConnection } from './drivers/redis-connection.ts';
import type { Metrics } from './metrics/metrics.ts';
import { openRevocations, type Revocations } from './revocations.ts';
import { openServerLock } from './server-lock.ts';

/** Everything a process runs on: one driver per port, chosen here and nowhere else. */
export type Opened = {
  readonly platform: Platform;
  /** What the product is made of. */
  readonly product: Product;
  readonly revocations: Revocations;
  /** Closes in reverse order of opening. False when something that may have been acknowledged could not be finished. */
  close(): Promise<boolean>;
};

export type PlatformSettings = Pick<
  Config,
  | keyof CassandraConfig
  | 'REDIS_URL'
  | 'isEmbedded'
  | 'ACCESS_TOKEN_SECONDS'
  | 'CHANNELS_PER_USER'
  | 'OPERATIONS_PER_SOCKET'
  | 'SIGN_IN_TRIES'
  | 'SIGN_IN_TRIES_PER_ADDRESS'
  | 'SIGN_IN_TRIES_PER_ACCOUNT'
  | 'SIGN_UPS_PER_ADDRESS'
  | 'SEARCHES_PER_MINUTE'
  | 'FIELDS_PER_MINUTE'
  | 'FIELDS_PER_MINUTE_PER_ADDRESS'
  | 'MESSAGES_PER_MINUTE'
  | 'PEOPLE_PER_HOUR'
  | 'CHANGES_PER_MINUTE'
> & {
  /** Less only where people are made by the hundred, and none of them is real. */
  readonly passwordCost?: PasswordCost;
  /** Told what the ports and the stream do. */
  readonly metrics?: Metrics | undefined;
};

/** Opens the drivers over a database. Throws a StartError for what whoever runs the server can solve. */
export async function openPlatform(
  settings: PlatformSettings,
  database: Database,
  logger: Logger,
): Promise<Opened> {
  const closers: (() => Promise<unknown>)[] = [];
  /** Opened last, closed first. */
  const opened = <T extends { close(): Promise<unknown> }>(thing: T): T => {
    closers.unshift(() => thing.close());
    return thing;
  };
  const closeAll = async () => {
    const answers: unknown[] = [];
    for (const close of closers) answers.push(await close());
    return !answers.includes(false);
  };
  try {
    const { metrics, REDIS_URL, isEmbedded } = settings;
    const isFleet = REDIS_URL !== undefined && !isEmbedded;
    opened(await openServerLock(database.pool, { logger, isFleet }));
    const { uuid } = await installationOf(database);
    const redis = REDIS_URL ? opened(await openRedis(REDIS_URL, { logger, installation: uuid })) : undefined;
    const platform = await openPorts(database, { settings, logger, metrics, redis, opened });
    const { prisma, bus, limiter, clock } = platform;
    const heads = redis && opened(await openRedisHeadCache(redis));
    const installed = { installation: uuid, observer: metrics?.stream };
    const stream = opened(await openStream({ ...platform, ...installed, heads }));
    const revocations = opened(await openRevocations({ bus, prisma, clock, logger }));
    const product = {
      ...{ prisma, limiter, clock, logger, stream },
      presence: opened(openPresence({ ...platform, rows: createPersonRows(platform) })),
      typing: opened(openTyping(platform)),
      fleet: opened(openFleet(platform)),
      accessTokens: await openAccessTokens({ prisma, clock, lifetimeSeconds: settings.ACCESS_TOKEN_SECONDS }),
      passwords: createPasswords(settings.passwordCost),
      authors: createAuthors({ clock, read: (ids) => usersOf({ prisma, viewer: undefined }, ids) }),
      limits: limitsOf(settings),
      rateLimits: rateLimitsOf(settings),
      announceRevoked: revocations.announce,
    };
    return { platform, product, revocations, close: closeAll };
  } catch (failure) {
    await closeAll();
    throw failure;
  }
}

type Opening = {
  readonly settings: PlatformSettings;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  /** Absent: one process, in memory. */
  readonly redis: RedisConnection | undefined;
  readonly opened: <T extends { close(): Promise<unknown> }>(thing: T) => T;
};

/** One driver per port. */
async function openPorts(database: Database, opening: Opening): Promise<Platform> {
  const { logger, metrics, redis, opened } = opening;
  const { prisma } = database;
  const clock = systemClock;
  const bus = opened(
    redis ? await openRedisBus(redis, { logger, observer: metrics?.hints }) : openMemoryBus(),
  );
  const log = await openLog(database, opening);
  const limiter = opened(
    redis ? await openRedisLimiter({ redis, clock, logger }) : openMemoryLimiter({ clock }),
  );
  const leases = opened(
    redis ? await openRedisLeases({ redis, clock, logger }) : openMemoryLeases({ clock }),
  );
  return {
    ...{ prisma, clock, logger },
    bus: metrics?.bus(bus) ?? bus,
    log: metrics?.log(log) ?? log,
    limiter: metrics?.limiter(limiter) ?? limiter,
    leases: metrics?.leases(leases) ?? leases,
    ...(await openRows(database)),
  };
}

/** Where CASSANDRA_CONTACT_POINTS says, or beside everything else. The epoch is in SQL in both cases. */
async function openLog(
  database: Database,
  { settings, logger, metrics, opened }: Opening,
): Promise<EventLog> {
  const place = cassandraPlaceOf(settings);
  await checkLogHome(database.pool, place ? 'Cassandra' : 'PostgreSQL');
  if (place === undefined) return opened(await openPostgresEventLog(database));
  const { uuid, epoch: epochNow } = await installationOf(database);
  const onNotice = (notice: string) => logger.warn(notice);
  const cassandra = opened(
    await openCassandra({ ...place, installation: uuid, epoch: epochNow }, { onNotice }),
  );
  const { client, applied } = cassandra;
  if (applied.length > 0) logger.info({ applied }, 'Cassandra migrated');
  const epoch = () => readEpoch(database.pool);
  return opened(await openCassandraEventLog({ client, epoch, observer: metrics?.rounds }));
}

/** What stands in rows, each from its own side. */
const openRows = async ({ pool }: Database) => ({
  memberships: await openPostgresMemberships({ pool }),
  positions: await openPostgresPositions({ pool }),
  contacts: await openPostgresContacts({ pool }),
});

const limitsOf = ({ CHANNELS_PER_USER, OPERATIONS_PER_SOCKET }: PlatformSettings) => ({
  ...defaultLimits,
  channelsPerUser: CHANNELS_PER_USER,
  operationsPerSocket: OPERATIONS_PER_SOCKET,
});

const rateLimitsOf = (settings: PlatformSettings): RateLimits => ({
  signInTries: settings.SIGN_IN_TRIES,
  signInTriesPerAddress: settings.SIGN_IN_TRIES_PER_ADDRESS,
  signInTriesPerAccount: settings.SIGN_IN_TRIES_PER_ACCOUNT,
  signUpsPerAddress: settings.SIGN_UPS_PER_ADDRESS,
  searchesPerMinute: settings.SEARCHES_PER_MINUTE,
  fieldsPerMinute: settings.FIELDS_PER_MINUTE,
  fieldsPerMinutePerAddress: settings.FIELDS_PER_MINUTE_PER_ADDRESS,
  messagesPerMinute: settings.MESSAGES_PER_MINUTE,
  peoplePerHour: settings.PEOPLE_PER_HOUR,
  changesPerMinute: settings.CHANGES_PER_MINUTE,
});

async function installationOf({ prisma }: Database) {
  const installation = await prisma.installation.findUnique({ where: { id: 1 } });
  if (installation === null) {
    throw startError(
      'The database has no row in `installation`: restore a backup, or start with an empty database.',
    );
  }
  return installation;
}
