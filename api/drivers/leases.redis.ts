import { randomUUID } from 'node:crypto';
import type { Redis, Result } from 'ioredis';
import type { Logger } from 'pino';
import type { Clock } from '../../schema/ports/clock.ts';
import {
  type Claimed,
  type Leases,
  LeasesAwayError,
  leaseMs,
  type Orphan,
  reapMs,
  renewMs,
} from '../../schema/ports/leases.ts';
import { createEstate } from './leases.estate.ts';
import { beginnings, claimedIn, claimsUnder, lifetimes, memberOf, placeOf, setsOf } from './leases.rows.ts';
import { createRedisTime } from './leases.time.ts';
import { defineScripts } from './lua.ts';
import type { RedisConnection } from './redis-connection.ts';

/** See api/drivers/lua. */
declare module 'ioredis' {
  interface RedisCommander<Context> {
    touchLease(
      ...keysAndHow: readonly [string, string, string, number]
    ): Result<[since: number, now: number], Context>;
    changeClaim(
      ...keysAndChange: readonly [string, string, string, string, ...(string | number)[]]
    ): Result<[since: number, now: number, before: string[]], Context>;
  }
}

/** How long it is remembered when something under a key changed last, in milliseconds. */
const memoryMs = 600_000;
/** Half a second is waited for an answer; what Redis comes to later than this has failed already. In milliseconds. */
const lateMs = 1_000;
/** How often the clock of Redis is asked for at the start, before anything depends on it. */
const firstTouches = 3;

type Settings = {
  readonly redis: Pick<RedisConnection, 'commands' | 'prefix'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
};

/**
 * Leases of many processes. What runs out does so by the clock of Redis, each change is one script, which happens at once or not at
 * all, and so is a takeover. Methods reject while Redis does not answer. What Redis forgets its process hears of by `onLost`, within
 * `renewMs` or as soon as it is connected again; after an outage nobody is taken for dead before everybody could speak again.
 */
export async function openRedisLeases({
  redis: { commands: redis, prefix },
  clock,
  logger,
}: Settings): Promise<Leases> {
  defineScripts(redis, ['touch-lease-2', 'change-claim-4']);
  const holder = randomUUID();
  const end = new AbortController();
  const heirs = new Set<(orphans: readonly Orphan[]) => void>();
  const losers = new Set<() => void>();
  const time = createRedisTime();
  const notAfter = () => time.toRedis(clock.now()) + lateMs;
  const estate = createEstate({ redis, prefix, holder, clock, notAfter, toOwn: time.toOwn }, (orphans) => {
    for (const onOrphaned of heirs) onOrphaned(orphans);
  });
  /** Until then it may be Redis that was silent, not who is taken for dead. */
  let patientUntil = 0;

  /** Since when this process has had its lease: another beginning means that it was lost in between. 0: it has none now. */
  let since = 0;
  function learn(begun: number): void {
    const isLost = since > 0 && begun > 0 && begun !== since;
    if (begun > 0) since = begun;
    if (!isLost) return;
    for (const onLost of losers) onLost();
  }
  async function renew(): Promise<void> {
    const askedAt = clock.now();
    const [begun, redisMs] = await redis.touchLease(lifetimes, beginnings, holder, leaseMs);
    time.learn({ redisMs, askedAt, heardAt: clock.now() });
    learn(begun);
  }
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      if (end.signal.aborted) return;
      if (clock.now() >= patientUntil)
        logger.warn({ err }, 'the leases of this server could not be looked after');
      patientUntil = clock.now() + leaseMs;
    }
  }
  async function repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs, end.signal);
      if (end.signal.aborted) return;
      await attempt(work);
    }
  }

  for (let touches = 0; touches < firstTouches; touches += 1) await renew();
  const renewNow = () => void attempt(renew);
  redis.on('ready', renewNow);
  const loops = [
    repeat(renewMs, renew),
    repeat(reapMs, async () => {
      if (clock.now() >= patientUntil) await estate.reap();
    }),
  ];

  /** What a script sets or drops: see change-claim-4.lua. */
  async function change(
    where: { key: string; place: string; set: string },
    claim: readonly (string | number)[],
  ) {
    if (end.signal.aborted) throw new Error('The leases are closed.');
    const { key, place, set } = where;
    const what = [holder, leaseMs, notAfter(), memoryMs, place, memberOf(key, place), ...claim];
    const asked = redis.changeClaim(lifetimes, beginnings, claimsUnder(key), set, ...what);
    const [begun, now, before] = await answered(asked);
    learn(begun);
    return { now, before };
  }
  const { held, handed } = setsOf(holder);

  return {
    holder,
    async claim(key, { entry, value, until }) {
      const when = until === undefined ? ['-', '-'] : [time.toRedis(until), until];
      const where = { key, place: placeOf(holder, entry), set: held };
      const { now, before } = await change(where, [...when, JSON.stringify(value)]);
      return claimedIn(pairsIn(before), { now, toOwn: time.toOwn }).claims;
    },
    async drop(key, entry, from = holder) {
      const place = placeOf(from, entry);
      try {
        await change({ key, place, set: from === holder ? held : handed }, []);
      } finally {
        // What could not be dropped is handed to this process again.
        if (from !== holder) estate.forget(memberOf(key, place));
      }
    },
    of: (keys) => answered(claimedUnder(redis, keys, time.toOwn)),
    onOrphaned(listener) {
      heirs.add(listener);
      return () => heirs.delete(listener);
    },
    onLost(listener) {
      losers.add(listener);
      return () => losers.delete(listener);
    },
    async close() {
      redis.off('ready', renewNow);
      end.abort();
      await Promise.all(loops);
      await redis.zadd(lifetimes, 'XX', 0, holder).catch((err: unknown) => {
        logger.warn({ err }, 'the lease of this server could not be ended: it ends by itself');
      });
    },
  };
}

/** A hash, as a script has it: each field, and what is in it. */
const pairsIn = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(words.flatMap((word, place) => (place % 2 ? [[words[place - 1], word]] : [])));

/** Whatever is wrong with Redis, it is the same to whoever asked. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new LeasesAwayError('The Redis of the leases does not answer.', { cause });
  }
}

/** All of it as of one moment. */
async function claimedUnder(
  redis: Redis,
  keys: readonly string[],
  toOwn: (redisMs: number) => number,
): Promise<Map<string, Claimed>> {
  const asked = [...new Set(keys)];
  if (asked.length === 0) return new Map();
  const transaction = redis.multi().time();
  for (const key of asked) transaction.hgetall(claimsUnder(key));
  const [first, ...found] = (await transaction.exec()) ?? [];
  const now = timeIn(first);
  return new Map(asked.map((key, place) => [key, claimedIn(fieldsIn(found[place]), { now, toOwn })]));
}

type Answer = readonly [error: Error | null, answer: unknown] | undefined;
function answerIn(answer: Answer): unknown {
  if (answer?.[0]) throw answer[0];
  return answer?.[1];
}
/** The clock of Redis, in milliseconds. */
function timeIn(answer: Answer): number {
  const time = answerIn(answer);
  const [seconds = 0, micros = 0] = Array.isArray(time) ? time.map(Number) : [];
  return seconds * 1_000 + Math.floor(micros / 1_000);
}
const fieldsIn = (answer: Answer) => answerIn(answer) as Record<string, string>;
