import { createRandom } from '../../ports/random.contract.ts';

/** Everything that could have gone another way, decided by a seed. */
export type Chance = {
  happens(probability: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** A chance of its own: what it decides does not move what this one decides later. */
  fork(): Chance;
};

export function createChance(seed: number): Chance {
  const random = createRandom(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return {
    happens: (probability) => random() < probability,
    between,
    pick<T>(list: readonly T[]): T {
      const picked = list[between(0, list.length - 1)];
      if (picked === undefined) throw new Error('Nothing to pick from.');
      return picked;
    },
    fork: () => createChance(between(0, 2 ** 31)),
  };
}
