import type { Redis, Result } from 'ioredis';
import type { Clock } from '../../schema/ports/clock.ts';
import { graceMs, type Orphan } from '../../schema/ports/leases.ts';
import { beginnings, fieldOf, isHeldBy, lifetimes, orphanIn, setsOf, space } from './leases.rows.ts';
import { defineScripts } from './lua.ts';

/** See api/drivers/lua. */
declare module 'ioredis' {
  interface RedisCommander<Context> {
    reapLeases(
      ...keysAndHow: readonly [string, string, string, string, number, number, number, string]
    ): Result<[member: string, claim: string][], Context>;
  }
}

/** Claims that are handed over in one call: it takes Redis 8 ms, in which it answers nobody else. */
const atOnce = 500;

type Heir = {
  readonly redis: Redis;
  /** What the connection puts before every key: a script that makes up keys by itself has to be told. */
  readonly prefix: string;
  readonly holder: string;
  readonly clock: Clock;
  /** Until when something that is asked now may be done. */
  readonly notAfter: () => number;
  readonly toOwn: (redisMs: number) => number;
};

/** What dead processes have left to this one, until it is dropped. */
export function createEstate(
  { redis, prefix, holder, clock, notAfter, toOwn }: Heir,
  onOrphaned: (orphans: readonly Orphan[]) => void,
) {
  defineScripts(redis, ['reap-leases-3']);
  const { handed } = setsOf(holder);
  /** Members that were told of and not dropped yet. */
  const told = new Set<string>();

  function tell(claims: readonly (readonly [member: string, claim: string])[]): void {
    if (claims.length === 0) return;
    for (const [member] of claims) told.add(member);
    const now = clock.now();
    onOrphaned(claims.map(([member, claim]) => orphanIn(member, claim, { now, toOwn })));
  }

  /** Whatever was handed over in an answer that never arrived. */
  async function recover(): Promise<void> {
    let cursor = '0';
    do {
      const [next, members] = await redis.sscan(handed, cursor, 'COUNT', atOnce);
      const untold = members.filter((member) => !told.has(member));
      const claims = await Promise.all(
        untold.map(async (member) => [member, await redis.hget(...fieldOf(member))] as const),
      );
      tell(
        claims.flatMap(([member, claim]) =>
          claim !== null && isHeldBy(holder, claim) ? [[member, claim] as const] : [],
        ),
      );
      cursor = next;
    } while (cursor !== '0');
  }

  return {
    async reap(): Promise<void> {
      for (;;) {
        const claims = await redis.reapLeases(
          ...([lifetimes, beginnings, handed] as const),
          ...([holder, notAfter(), graceMs, atOnce, prefix + space] as const),
        );
        tell(claims);
        if (claims.length < atOnce) break;
      }
      if ((await redis.scard(handed)) > told.size) await recover();
    },
    forget: (member: string) => void told.delete(member),
  };
}
