import { setTimeout as pause } from 'node:timers/promises';
import { order, settingOf, untilItFollows } from '../redis-orders.ts';
import { replicaName } from '../redis-pair.ts';
import type { ChaosStage } from '../stage.ts';
import type { Fault, FaultContext } from './fault.ts';
import { repeat } from './repeat.ts';

/** Redis only carries hints, and keeps what can be done without: nobody is kept from sending by what happens to it, for long. */
const ofRedis = (fault: Pick<Fault, 'name' | 'weight' | 'begin'> & Partial<Fault>): Fault => ({
  isPossible: () => true,
  targets: () => ['redis'],
  ...fault,
});

/** The first answers, and the second follows it. */
async function untilWhole({ redis }: ChaosStage): Promise<void> {
  await order(redis, 'PING');
  await untilItFollows(redis.replica());
}

/** Everything in it is gone. */
async function kill({ stage }: FaultContext) {
  const { redis } = stage;
  await redis.kill();
  return {
    async heal() {
      await redis.startAgain();
      await untilWhole(stage);
    },
  };
}

/** How old a snapshot is when it comes back. */
const oldMs = { least: 1_000, most: 8_000 } as const;

/** It comes back with what it had some seconds before: with leases, limits and jobs of then. */
async function rollBack({ stage, random, signal }: FaultContext) {
  const { redis } = stage;
  await redis.save();
  const ms = oldMs.least + random.below(oldMs.most - oldMs.least);
  await pause(ms, undefined, { signal }).catch(() => undefined);
  await redis.kill();
  return {
    detail: `${ms} ms are forgotten`,
    async heal() {
      await redis.startAgain('snapshot');
      await untilWhole(stage);
    },
  };
}

/** Connections stay, and nobody is answered. */
async function freeze({ stage }: FaultContext) {
  const { redis } = stage;
  redis.pause();
  return {
    async heal() {
      redis.resume();
      await untilWhole(stage);
    },
  };
}

const cutEvery = { least: 200, most: 3_000 } as const;

/** Again and again, who listens is not connected any more. */
async function cutListeners(context: FaultContext) {
  const { redis } = context.stage;
  let cut = 0;
  const happen = async () => {
    cut += Number.parseInt((await redis.tell('CLIENT KILL TYPE pubsub')).slice(1), 10);
  };
  const cutting = await repeat(happen, { ...context, betweenMs: cutEvery });
  return {
    async heal() {
      const times = await cutting.stop();
      return `${cut} connections in ${times} cuts`;
    },
  };
}

const flushEvery = { least: 500, most: 4_000 } as const;

/** Everything in it is gone, again and again, and nobody is told. */
async function flush(context: FaultContext) {
  const { stage } = context;
  const flushing = await repeat(() => order(stage.redis, 'FLUSHALL'), { ...context, betweenMs: flushEvery });
  return {
    async heal() {
      const times = await flushing.stop();
      await untilWhole(stage);
      return `${times} times`;
    },
  };
}

/** How far the second is behind when it takes over. */
const behindMs = { least: 200, most: 4_000 } as const;

/** The second becomes the first, without what was written in the last seconds. */
async function failOver({ stage, random, signal }: FaultContext) {
  const { redis } = stage;
  const how = random.pick(['crash', 'handover'] as const);
  const ms = behindMs.least + random.below(behindMs.most - behindMs.least);
  const link = stage.link(replicaName, 'redis');
  await link.set({ silent: 'down' });
  try {
    await pause(ms, undefined, { signal }).catch(() => undefined);
    await redis.failOver(how);
  } finally {
    await link.set({});
  }
  return {
    detail: `${how}, ${ms} ms behind`,
    async heal() {
      // As Sentinel does it: who still stays with the former one would only be allowed to read.
      if (how === 'handover') {
        await order(redis.replica(), 'CLIENT KILL TYPE normal');
        await order(redis.replica(), 'CLIENT KILL TYPE pubsub');
      }
      await untilWhole(stage);
    },
  };
}

const bufferSetting = 'client-output-buffer-limit';
/** Less than a second of talk; what a client is answered at once does not count. */
const smallBuffer = 'pubsub 1024 0 0';
/** It stands still for so long, so that what comes to a listener meanwhile comes at once. */
const heldUpMs = { least: 300, most: 1_000 } as const;
const betweenHoldsMs = { least: 200, most: 2_000 } as const;

/** Who listens is cut off as soon as more than a little is waiting for it. */
async function overflow(context: FaultContext) {
  const { stage, random, signal } = context;
  const { redis } = stage;
  const limits = await settingOf(redis, bufferSetting);
  await order(redis, `CONFIG SET ${bufferSetting} "${smallBuffer}"`);
  const hold = async () => {
    redis.pause();
    const ms = heldUpMs.least + random.below(heldUpMs.most - heldUpMs.least);
    await pause(ms, undefined, { signal }).catch(() => undefined);
    redis.resume();
  };
  const holding = await repeat(hold, { ...context, betweenMs: betweenHoldsMs });
  return {
    detail: smallBuffer,
    async heal() {
      const times = await holding.stop();
      await order(redis, `CONFIG SET ${bufferSetting} "${limits}"`);
      await untilWhole(stage);
      return `held up ${times} times`;
    },
  };
}

/** What takes memory is refused: it is full, and throws nothing out. */
async function fillMemory({ stage }: FaultContext) {
  const { redis } = stage;
  const policy = await settingOf(redis, 'maxmemory-policy');
  await order(redis, 'CONFIG SET maxmemory-policy noeviction');
  await order(redis, 'CONFIG SET maxmemory 1');
  return {
    async heal() {
      await order(redis, 'CONFIG SET maxmemory 0');
      await order(redis, `CONFIG SET maxmemory-policy ${policy}`);
      await untilWhole(stage);
    },
  };
}

const shortly = { lastsMs: { least: 200, most: 15_000 }, healsMs: 2_000 } as const;

/** What happens to Redis, of which one is used and another one follows. */
export const redisFaults: readonly Fault[] = [
  ofRedis({ name: 'redis-kill', weight: 2, begin: kill, ...shortly }),
  ofRedis({ name: 'redis-rollback', weight: 2, begin: rollBack, ...shortly }),
  ofRedis({ name: 'redis-freeze', weight: 2, begin: freeze, healsMs: 2_000 }),
  ofRedis({ name: 'redis-cut-listeners', weight: 2, begin: cutListeners, ...shortly }),
  ofRedis({ name: 'redis-flush', weight: 2, begin: flush, ...shortly }),
  ofRedis({ name: 'redis-failover', weight: 2, begin: failOver, ...shortly }),
  ofRedis({ name: 'redis-overflow', weight: 1, begin: overflow, ...shortly }),
  ofRedis({ name: 'redis-full-memory', weight: 1, begin: fillMemory, ...shortly }),
];
