import { chatError } from './errors.ts';
import type { UserId } from './ids.ts';

/** People, or channels, that one person watches at once in one process: a full subscription on each of 20 sockets. */
export const maxWatched = 4_000;

/** What people hold open in one process: nobody holds more than their share. */
export type Shares = {
  /** What it answers gives it back, once. Throws `RATE_LIMITED` when so much is not left. */
  take(userId: UserId, count?: number): () => void;
  /** What all hold together. */
  readonly total: number;
};

/** `refusal` is for who wants more. */
export function createShares(most: number, refusal: string): Shares {
  const counts = new Map<UserId, number>();
  let total = 0;
  const change = (userId: UserId, by: number) => {
    const count = (counts.get(userId) ?? 0) + by;
    if (count > 0) counts.set(userId, count);
    else counts.delete(userId);
    total += by;
  };
  return {
    take(userId, count = 1) {
      if ((counts.get(userId) ?? 0) + count > most)
        throw chatError('RATE_LIMITED', refusal, { retryAfterMs: 1_000 });
      change(userId, count);
      let isHeld = true;
      return () => {
        if (isHeld) change(userId, -count);
        isHeld = false;
      };
    },
    get total() {
      return total;
    },
  };
}
