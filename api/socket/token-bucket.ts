import type { Clock } from '../../schema/ports/clock.ts';

/** What is allowed in the long run, and at once. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** Tokens that come at a rate and are kept up to a burst. */
export type TokenBucket = {
  level(): number;
  /** Whether there was one. */
  take(): boolean;
  /** How long until there are so many, in milliseconds. */
  msUntil(wanted: number): number;
};

export function createTokenBucket({ perSecond, burst }: Rate, clock: Pick<Clock, 'now'>): TokenBucket {
  let tokens = burst;
  let at = clock.now();
  function level(): number {
    const now = clock.now();
    tokens = Math.min(burst, tokens + (Math.max(now - at, 0) * perSecond) / 1_000);
    at = now;
    return tokens;
  }
  return {
    level,
    take() {
      if (level() < 1) return false;
      tokens -= 1;
      return true;
    },
    msUntil: (wanted) => Math.ceil((Math.max(wanted - level(), 0) / perSecond) * 1_000),
  };
}
