import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { codeOf, type StartError, startError } from '../../prisma/start-error.ts';

/** One Redis, for all drivers of a process. */
export type RedisConnection = {
  /**
   * The shared connection for commands. Each answers or rejects within half a second, and is never sent a second time; while Redis
   * is not there it rejects at once. Whoever calls one handles its rejection: ioredis tells failed commands to nobody else.
   */
  readonly commands: Redis;
  /**
   * A connection of its own for subscriptions. After a reconnect it subscribes to nothing again by itself: its `ready` says when to.
   * Closed with the rest, or earlier by `disconnect()`. Rejects with a StartError when it cannot be had.
   */
  openSubscriber(): Promise<Redis>;
  /**
   * Begins every key and topic, as one Redis may serve several installations: channel 7 of one is not that of another. Keys of
   * `commands` get it by themselves, in scripts also; topics do not.
   */
  readonly prefix: string;
  /** Drops what is still on its way, and the connections: close what uses them first. */
  close(): Promise<void>;
};

/** Who waits for Redis has something better to do after this. */
const commandMs = 500;
/** A subscription to many topics is long on a slow network; one that is not answered in this time is made anew. */
const subscribeMs = 3_000;
/** Nothing comes back on a connection that was asked something: it is dead, although nobody has closed it. */
const silentMs = 3_000;
/** Redis that does not answer within this is not there. */
const connectMs = 5_000;
/** Of the installation's name: more would be stored with every topic, less could be that of another one. */
const nameLength = 16;
/** Pauses between attempts: 50 ms, twice as long each time, never above this, so that who comes back is soon found. */
const retryMs = { first: 50, most: 2_000, jitter: 200 } as const;

const shared = {
  lazyConnect: true,
  // What could not be sent is not sent later: a hint would be stale, and a count would be made twice.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  connectTimeout: connectMs,
  socketTimeout: silentMs,
  retryStrategy: (times: number) =>
    Math.min(retryMs.first * 2 ** (times - 1), retryMs.most) + Math.random() * retryMs.jitter,
  // Behind this name there is a replica now: look up who has become the master.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

type RedisSettings = {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Names the installation, as its row in the database does. */
  readonly installation: string;
};

/** Connects to the Redis of REDIS_URL. Throws a StartError when it cannot be used. Once open it reconnects for ever. */
export async function openRedis(
  url: string,
  { logger, installation }: RedisSettings,
): Promise<RedisConnection> {
  const prefix = `parley:${installation.replaceAll('-', '').slice(0, nameLength)}:`;
  const commands = new Redis(url, {
    ...shared,
    keyPrefix: prefix,
    connectionName: 'parley',
    maxRetriesPerRequest: 1,
    commandTimeout: commandMs,
  });
  writeTogether(commands);
  await connect(commands, url);
  tellOutages(commands, logger);
  const subscribers = new Set<Redis>();
  return {
    ...{ commands, prefix },
    async openSubscriber() {
      const subscriber = createSubscriber(url);
      await connect(subscriber, url);
      tellOutages(subscriber, logger);
      subscribers.add(subscriber);
      subscriber.once('end', () => subscribers.delete(subscriber));
      return subscriber;
    },
    async close() {
      for (const subscriber of subscribers) subscriber.disconnect();
      commands.disconnect();
    },
  };
}

/**
 * What is asked in one turn of the event loop goes to Redis in one write: a system call here and there is dearer than most commands.
 * Pipelines of ioredis would do that, too, but for scripts that Redis has forgotten: they are not sent again in those.
 */
function writeTogether(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  let held: Redis['stream'] | undefined;
  redis.sendCommand = (command, pipeline) => {
    const { stream } = redis; // another one after each reconnect
    if (stream && stream !== held) {
      held = stream;
      stream.cork();
      setImmediate(() => {
        if (held === stream) held = undefined;
        stream.uncork();
      });
    }
    return send(command, pipeline);
  };
}

/** Whoever subscribed does it again at `ready`, in batches; a rejection of what ioredis does by itself nobody could catch. */
const createSubscriber = (url: string) =>
  new Redis(url, {
    ...shared,
    connectionName: 'parley-subscriber',
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: subscribeMs,
  });

/** Waits for the first connection; a start that cannot have it ends with the reason, and tries no longer. */
async function connect(redis: Redis, url: string): Promise<void> {
  let reason: unknown;
  const note = (error: unknown) => {
    reason ??= error;
  };
  redis.on('error', note);
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw redisProblem(reason ?? error, url);
  } finally {
    redis.off('error', note);
    redis.on('error', () => undefined); // without a listener ioredis writes to the console
  }
}

/** One line when it is gone and one when it is back, not one for each attempt. */
function tellOutages(redis: Redis, logger: Pick<Logger, 'warn' | 'info'>): void {
  const { connectionName } = redis.options;
  let isOut = false;
  let reason: unknown;
  const tell = () => {
    if (!isOut)
      logger.warn({ err: reason, connectionName }, 'Redis is gone; it is tried again until it is back');
    isOut = true;
  };
  redis.on('error', (error: unknown) => {
    reason = error;
  });
  redis.on('reconnecting', tell);
  redis.on('ready', () => {
    if (isOut) logger.info({ connectionName }, 'Redis is back');
    isOut = false;
    reason = undefined;
  });
}

/** Failures that whoever set REDIS_URL can solve, by the code of the operating system or the first word of Redis. */
const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: start Redis, or correct the host and port',
  ENOTFOUND: 'there is no such host: correct it',
  EAI_AGAIN: 'the name of the host cannot be looked up: correct it, or repair the network',
  ETIMEDOUT:
    'it does not answer: correct host and port, try rediss:// if it speaks TLS only, or open the firewall',
  EHOSTUNREACH: 'the host cannot be reached: correct it, or repair the network',
  ECONNRESET: 'it hung up: correct the port, and redis:// or rediss:// (with TLS)',
  WRONGPASS: 'it refuses the password: correct user and password',
  NOAUTH: 'it wants a password: write redis://:password@host:6379',
  NOPERM: 'the user may not do that: allow it all commands in the access list',
  'Command timed out': 'it does not answer: see whether it is busy or stopped',
};

/** What to say when a Redis cannot be used at the start. Never tells the password. */
function redisProblem(error: unknown, url: string): StartError {
  const reason = error instanceof Error ? error.message : String(error);
  const [, word = ''] = /^([A-Z]+) /.exec(reason) ?? [];
  const advice = problems[codeOf(error) ?? ''] ?? problems[word] ?? problems[reason];
  const { host } = new URL(url);
  return startError(`The Redis at ${host} cannot be used: ${advice ?? `${reason}: check REDIS_URL`}.`, error);
}
