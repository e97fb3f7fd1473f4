/** Numbers that look random and are the same for the same seed: mulberry32, which is public domain. */
export type Random = {
  /** From 0, below 1. */
  next(): number;
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  /** One of them. Throws when there is none. */
  pick<T>(things: readonly T[]): T;
  /** So many of them, all different, in any order. */
  pickSome<T>(things: readonly T[], count: number): T[];
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick(things) {
      const [found] = things.slice(below(things.length));
      if (found === undefined) throw new Error('Nothing to pick from.');
      return found;
    },
    pickSome(things, count) {
      const rest = [...things];
      return Array.from({ length: Math.min(count, rest.length) }, () =>
        rest.splice(below(rest.length), 1),
      ).flat();
    },
  };
}
