import { createRedisBackend, type RedisQueueBackend, withBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import {
  type JobData,
  type JobStore,
  queueName,
  queueOptions,
  startWorker,
  watchFetching,
  workerOptions,
} from './jobs.bullmq-store.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Who adds has something better to do after this; a script on a busy Redis takes a millisecond. */
const commandMs = 2_000;
/** An idle worker waits in Redis for so long, in seconds, and asks again; BullMQ does the same where something is due later. */
const waitSeconds = 10;
/** Nothing came back for longer than that, and the connection is dead. */
const silentMs = 15_000;

type Settings = { readonly redis: RedisConnection; readonly logger: Pick<Logger, 'warn'> };

/** In Redis, over three connections of its own: one to add, and while something works here one that waits and one for the rest. */
export async function openRedisJobStore({ redis, logger }: Settings): Promise<JobStore> {
  // BullMQ begins its keys by itself, and asks what its version is of those that do not say so.
  const shared = { prefix: redis.prefix.slice(0, -1), skipVersionCheck: true } as const;
  const adding = redis.commands.duplicate({
    keyPrefix: '',
    connectionName: 'parley-jobs',
    commandTimeout: commandMs,
  });
  adding.on('error', () => undefined); // whoever adds is told by a rejection
  await adding.connect();
  await warnOfEviction(adding, logger);
  const { Queue } = withBackend(createRedisBackend);
  const queue = new Queue<JobData, void, string>(queueName, {
    ...queueOptions,
    ...shared,
    connection: adding,
  });
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  // One that has lost its memory has forgotten how little of events is to be kept, too.
  const { maxLen } = queueOptions.streams.events;
  const remind = () => queue.getBackend().setQueueMeta({ 'opts.maxLenEvents': maxLen });
  adding.on('ready', () => void remind().catch(() => undefined));
  return {
    queue,
    async openWorker({ process, atOnce, outage, clock }) {
      const connection = openWorking(redis.commands);
      let backend: RedisQueueBackend | undefined;
      const { Worker } = withBackend<RedisQueueBackend, Redis>((name, options, more) => {
        backend = watchFetching(createRedisBackend(name, options, more), { outage, clock });
        return backend;
      });
      const settings = {
        ...workerOptions,
        ...shared,
        ...{ connection, concurrency: atOnce, drainDelay: waitSeconds },
      };
      const worker = new Worker<JobData, void, string>(queueName, process, settings);
      const drop = () => {
        connection.disconnect();
        void worker.disconnect().catch(() => undefined);
      };
      const started = await startWorker(Object.assign(worker, { drop }), outage);
      // What Redis 6 can: a delayed job is waited for to the millisecond.
      if (backend?.blockingConnection)
        backend.blockingConnection.capabilities = { canDoubleTimeout: true, canBlockFor1Ms: false };
      return started;
    },
    async close() {
      await queue.close();
      adding.disconnect();
    },
  };
}

/** What it says while Redis is away it says when that is back. */
const openWorking = (commands: Redis): Redis =>
  commands
    .duplicate({
      keyPrefix: '',
      connectionName: 'parley-jobs',
      maxRetriesPerRequest: null,
      commandTimeout: undefined,
      socketTimeout: silentMs,
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
    })
    .on('error', () => undefined);

/** Jobs that are thrown out are found by the sweep only; parts of one that are thrown out, by nobody. */
async function warnOfEviction(redis: Redis, logger: Pick<Logger, 'warn'>): Promise<void> {
  const said = await redis.info('memory').catch(() => '');
  const [, policy = 'noeviction'] = /^maxmemory_policy:(\S+)/m.exec(said) ?? [];
  if (policy !== 'noeviction')
    logger.warn(
      { policy },
      'Redis may throw out jobs when it is full: set its maxmemory-policy to noeviction',
    );
}
