/** Samples that are looked at: those of the last minute. */
const kept = 20;

/** `redisMs`: what the clock of Redis said somewhere between two times of this process. */
type Sample = { readonly redisMs: number; readonly askedAt: number; readonly heardAt: number };

/** Between which figures lies how far Redis is ahead. */
const leastOf = ({ redisMs, heardAt }: Sample) => redisMs - heardAt;
const mostOf = ({ redisMs, askedAt }: Sample) => redisMs + 1 - askedAt;
const widthOf = (sample: Sample) => mostOf(sample) - leastOf(sample);
const agree = (one: Sample, other: Sample) => leastOf(one) <= mostOf(other) && leastOf(other) <= mostOf(one);

/**
 * How far the clock of Redis is from that of this process. All that runs out does so by the clock of Redis alone; what a process says
 * and hears is translated, so that no two clocks are ever compared. Whoever was answered quickest knows best, until a sample cannot be
 * true of the same clocks: then somebody has set one.
 */
export function createRedisTime() {
  let samples: readonly Sample[] = [];
  let aheadMs = 0;
  return {
    learn(sample: Sample): void {
      samples = [...samples.filter((one) => agree(one, sample)), sample].slice(-kept);
      const best = samples.reduce((one, other) => (widthOf(other) < widthOf(one) ? other : one), sample);
      aheadMs = Math.round((leastOf(best) + mostOf(best)) / 2);
    },
    toRedis: (ownMs: number) => Math.round(ownMs) + aheadMs,
    toOwn: (redisMs: number) => redisMs - aheadMs,
  };
}
