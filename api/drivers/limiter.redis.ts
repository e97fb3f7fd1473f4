import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../../schema/ports/clock.ts';
import { openMemoryLimiter } from '../../schema/ports/limiter.memory.ts';
import type { Limiter, RateRule } from '../../schema/ports/limiter.ts';
import { luaOf } from './lua.ts';
import type { RedisConnection } from './redis-connection.ts';

type Settings = {
  readonly redis: Pick<RedisConnection, 'commands'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
};

/** Redis that has not answered is asked again after this, by one who asks for all: each of them would wait half a second for nothing. */
const pauseMs = 1_000;
/** A longer key is kept as its digest: it may be as long as what a client sends. */
const maxKey = 100;
const keyOf = (key: string) =>
  key.length <= maxKey ? `=${key}` : `#${createHash('sha256').update(key).digest('base64url')}`;

/**
 * Counts of many processes, by rate-limiter-flexible. A window is a whole number of seconds, rounded up, by the clock of Redis.
 * While Redis does not answer each process counts for itself, in its memory, what shares out work; what guards a secret rejects (see
 * `RateRule`). When Redis is back its counts go on, without what was counted meanwhile.
 */
export async function openRedisLimiter({ redis, clock, logger }: Settings): Promise<Limiter> {
  const script = luaOf('take-points-1');
  const memory = openMemoryLimiter({ clock });
  const counters = new Map<string, RateLimiterRedis>();
  /** One for each rule: they stand in the code, so there are no more than a few dozen. */
  function counterOf({ name, most, windowMs }: RateRule): RateLimiterRedis {
    const id = `${name} ${most} ${windowMs}`;
    const known = counters.get(id);
    if (known !== undefined) return known;
    const counter = new RateLimiterRedis({
      storeClient: redis.commands,
      keyPrefix: `limit:${name}`,
      points: most,
      duration: Math.ceil(windowMs / 1_000),
      customIncrTtlLuaScript: script,
    });
    counters.set(id, counter);
    return counter;
  }
  const ask = createAsking({ clock, logger });
  const inTurn = createTurns();

  /** Asks Redis, and the memory of this process when that does not answer and the rule leaves that open. */
  async function counted<T>(
    rule: RateRule,
    count: (counter: RateLimiterRedis) => Promise<T>,
    alone: () => Promise<T>,
  ) {
    try {
      return await ask(() => count(counterOf(rule)));
    } catch (failure) {
      if (rule.guardsSecret) throw failure;
      return alone();
    }
  }

  return {
    take: (rule, key, count = 1) =>
      inTurn(`${rule.name} ${key}`, () =>
        counted(
          rule,
          async (counter) => {
            const { consumedPoints, msBeforeNext } = await consume(counter, keyOf(key), count);
            const isGranted = consumedPoints <= rule.most;
            const taken = isGranted ? consumedPoints : consumedPoints - count;
            return { isGranted, left: rule.most - taken, freshAt: clock.now() + msBeforeNext };
          },
          () => memory.take(rule, key, count),
        ),
      ),
    giveBack: (rule, key, count = 1) =>
      counted(
        rule,
        async (counter) => void (await counter.reward(keyOf(key), count)),
        () => memory.giveBack(rule, key, count),
      ),
    countOf: (rule, key) =>
      counted(
        rule,
        async (counter) => (await counter.get(keyOf(key)))?.consumedPoints ?? 0,
        () => memory.countOf(rule, key),
      ),
    reset: (rule, key) =>
      counted(
        rule,
        async (counter) => void (await counter.delete(keyOf(key))),
        () => memory.reset(rule, key),
      ),
    close: memory.close,
  };
}

/**
 * Answers for one key come in the order of the questions, also when the first one waits in vain for Redis and the next one does not
 * any more: what somebody sends is asked for before it gets its place among what they have sent.
 */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, question: () => Promise<T>): Promise<T> => {
    const before = last.get(key);
    const answer = question();
    answer.catch(() => undefined); // whoever waits for their turn hears of it then
    const turn = before === undefined ? answer : before.then(() => answer);
    const over = turn.then(
      () => undefined,
      () => undefined,
    );
    last.set(key, over);
    void over.then(() => last.get(key) === over && last.delete(key));
    return turn;
  };
}

/** The library rejects with its answer when that is a refusal. */
async function consume(counter: RateLimiterRedis, key: string, count: number): Promise<RateLimiterRes> {
  try {
    return await counter.consume(key, count);
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return refused;
    throw refused;
  }
}

/** Asks Redis; rejects at once where it has just not answered. */
function createAsking({ clock, logger }: Pick<Settings, 'clock' | 'logger'>) {
  /** 0 while it answers. */
  let askAgainAt = 0;
  return async <T>(question: () => Promise<T>): Promise<T> => {
    const now = clock.now();
    if (now < askAgainAt) throw new Error('The Redis of the limiter does not answer.');
    if (askAgainAt > 0) askAgainAt = now + pauseMs;
    try {
      const answer = await question();
      if (askAgainAt > 0) logger.info('the limits of all servers are counted together again');
      askAgainAt = 0;
      return answer;
    } catch (err) {
      if (askAgainAt === 0)
        logger.warn({ err }, 'each server counts for itself: the Redis of the limiter does not answer');
      askAgainAt = clock.now() + pauseMs;
      throw err;
    }
  };
}
