import type { Logger } from 'pino';
import { checkLogHome, readEpoch } from '../prisma/log-home.ts';
import { openCassandra } from '../prisma/open-cassandra.ts';
import type { Database } from '../prisma/open-database.ts';
import { startError } from '../prisma/start-error.ts';
import { isWithin } from '../prisma/within.ts';
import { createPasswords, type PasswordCost } from '../schema/account/passwords.ts';
import { usersOf } from '../schema/account/users.ts';
import { createAuthors } from '../schema/authors.ts';
import { openMemoryBus } from '../schema/ports/bus.memory.ts';
import { systemClock } from '../schema/ports/clock.ts';
import type { EventLog } from '../schema/ports/event-log.ts';
import { openMemoryLeases } from '../schema/ports/leases.memory.ts';
import { openMemoryLimiter } from '../schema/ports/limiter.memory.ts';
import type { Platform } from '../schema/ports/platform.ts';
import type { Push } from '../schema/ports/push.ts';
import { openPresence } from '../schema/presence/open-presence.ts';
import { createPersonRows } from '../schema/presence/person-rows.ts';
import type { Product } from '../schema/scope.ts';
import { openFleet } from '../schema/server/fleet.ts';
import { openAccessTokens } from '../schema/session/access-tokens.ts';
import { openStream, type StreamSettings } from '../schema/stream/open-stream.ts';
import type { Stream } from '../schema/stream/stream.ts';
import { openTyping } from '../schema/typing/open-typing.ts';
import { createWaker } from '../schema/wake/waker.ts';
import { type CassandraConfig, cassandraPlaceOf } from './cassandra-place.ts';
import type { Config } from './config.ts';
import { openRedisBus } from './drivers/bus.redis.ts';
import { openPostgresContacts } from './drivers/contacts.postgres.ts';
import { openCassandraEventLog } from './drivers/event-log.cassandra.ts';
import { openPostgresEventLog } from './drivers/event-log.postgres.ts';
import { openRedisHeadCache } from './drivers/head-cache.redis.ts';
import { openBullJobs } from './drivers/jobs.bullmq.ts';
import { openRedisLeases } from './drivers/leases.redis.ts';
import { openRedisLimiter } from './drivers/limiter.redis.ts';
import { openPostgresMemberships } from './drivers/memberships.postgres.ts';
import { openPostgresPositions } from './drivers/positions.postgres.ts';
import { combinePush } from './drivers/push.all.ts';
import { openApnsPush } from './drivers/push.apns.ts';
import { openWebPush } from './drivers/push.web.ts';
import { openRedis, type RedisConnection } from './drivers/redis-connection.ts';
import { openVapid } from './drivers/vapid.ts';
import { type LimitSettings, limitsOf, rateLimitsOf } from './limits-of.ts';
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

export type PlatformSettings = LimitSettings &
  Pick<
    Config,
    | keyof CassandraConfig
    | 'REDIS_URL'
    | 'isEmbedded'
    | 'ACCESS_TOKEN_SECONDS'
    | 'PUBLIC_URL'
    | 'VAPID_SUBJECT'
    | 'APNS_KEY'
    | 'APNS_KEY_ID'
    | 'APNS_TEAM_ID'
    | 'APNS_ORIGIN'
  > & {
    /** Less only where people are made by the hundred, and none of them is real. */
    readonly passwordCost?: PasswordCost;
    /** Told what the ports and the stream do. */
    readonly metrics?: Metrics | undefined;
    /** For tests: another stream over the same ports, to compare with. */
    readonly openStream?: OpenStream | undefined;
  };

/** As `openStream` of schema/stream, and told what the ports of this process stand on. */
export type OpenStream = (settings: StreamSettings, engines: Engines) => Promise<Stream>;
export type Engines = Pick<Database, 'pool'> & { readonly redis: RedisConnection | undefined };

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
    const { metrics, REDIS_URL, isEmbedded, openStream: open = openStream } = settings;
    const isFleet = REDIS_URL !== undefined && !isEmbedded;
    opened(await openServerLock(database.pool, { logger, isFleet }));
    const { uuid } = await installationOf(database);
    const redis = REDIS_URL ? opened(await openRedis(REDIS_URL, { logger, installation: uuid })) : undefined;
    const platform = await openPorts(database, { settings, logger, metrics, redis, opened });
    const { prisma, bus, limiter, jobs, push, clock } = platform;
    const heads = redis && opened(await openRedisHeadCache(redis));
    const installed = { installation: uuid, observer: metrics?.stream };
    const told = opened(createWaker(platform));
    const stream = opened(await open({ ...platform, ...installed, heads, told }, { ...database, redis }));
    const revocations = opened(await openRevocations({ bus, prisma, clock, logger }));
    const product = {
      ...{ prisma, limiter, jobs, push, clock, logger, stream },
      presence: opened(openPresence({ ...platform, rows: createPersonRows(platform) })),
      typing: opened(openTyping(platform)),
      fleet: opened(openFleet(platform)),
      accessTokens: await openAccessTokens({ prisma, clock, lifetimeSeconds: settings.ACCESS_TOKEN_SECONDS }),
      passwords: createPasswords(settings.passwordCost),
      authors: createAuthors({ clock, read: (ids) => usersOf({ prisma, viewer: undefined }, ids) }),
      limits: limitsOf(settings),
      rateLimits: rateLimitsOf(settings),
      announceRevoked: revocations.announce,
      wakeObserver: metrics?.pushes,
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
  const jobsStore = redis ? { redis } : { pool: database.pool };
  const jobs = opened(await openBullJobs({ store: jobsStore, clock, logger }));
  const push = await openPush(opening, prisma);
  opened({ close: () => partFrom(push) });
  return {
    ...{ prisma, clock, logger, push },
    jobs: metrics?.jobs(jobs) ?? jobs,
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

/** Whom Web Push services write to where nobody has said it, and there is no address of the installation: nobody can be reached there. */
const nobody = 'mailto:nobody@invalid';

/** An address by which the rest of the world could find whoever runs this. */
const isOwnName = (url: string | undefined): url is string =>
  url?.startsWith('https:') === true && new URL(url).hostname !== 'localhost';

/** Who sends was waited for before this is closed, as long as a stop has time for: a service that does not answer then takes no more. */
const partingMs = 500;
async function partFrom(push: Push): Promise<void> {
  await isWithin(push.close(), partingMs);
}

/** Browsers always; Apple devices where there is a key for them. */
async function openPush(
  { settings, logger }: Pick<Opening, 'settings' | 'logger'>,
  prisma: Platform['prisma'],
): Promise<Push> {
  const { VAPID_SUBJECT, PUBLIC_URL, PUSH_HOSTS: hosts = [] } = settings;
  const { APNS_KEY: key, APNS_KEY_ID: keyId, APNS_TEAM_ID: teamId, APNS_ORIGIN: origin } = settings;
  const subject = VAPID_SUBJECT ?? (isOwnName(PUBLIC_URL) ? PUBLIC_URL : nobody);
  const clock = systemClock;
  const web = await openWebPush({ vapid: await openVapid(prisma), subject, hosts, clock });
  if (key === undefined || keyId === undefined || teamId === undefined) return combinePush([web]);
  return combinePush([web, await openApnsPush({ key, keyId, teamId, origin, clock, logger })]);
}

/** What stands in rows, each from its own side. */
const openRows = async ({ pool }: Database) => ({
  memberships: await openPostgresMemberships({ pool }),
  positions: await openPostgresPositions({ pool }),
  contacts: await openPostgresContacts({ pool }),
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
