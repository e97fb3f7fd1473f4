import DataLoader from 'dataloader';
import type { Scope } from './scope.ts';
import type { Soon } from './soon.ts';

/** A lookup of one, read together with the others; at once when it was read before. */
export type Batched<K, V> = {
  (scope: Scope, key: K): Soon<V | undefined>;
  /** This was read already, by another statement of the same operation. What a scope knows is not replaced. */
  prime(scope: Scope, key: K, value: V): void;
};

const forgetters: ((scope: Scope) => void)[] = [];

/**
 * Makes a lookup of many into one of one: what an operation asks for at the same moment is read together, and once per scope.
 * A scope lives for one operation or one event, so nothing is older than that, or than the mutation before (`forgetBatched`).
 */
export function batched<K, V>(
  load: (scope: Scope, keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): Batched<K, V> {
  const lookups = new WeakMap<Scope, Lookup<K, V>>();
  forgetters.push((scope) => lookups.delete(scope));
  const lookupOf = (scope: Scope): Lookup<K, V> => {
    const open = lookups.get(scope);
    if (open !== undefined) return open;
    const there = new Map<K, V | undefined>();
    const loader = new DataLoader<K, V | undefined>(async (keys) => {
      const found = await load(scope, keys);
      for (const key of keys) there.set(key, found.get(key));
      return keys.map((key) => found.get(key));
    });
    const lookup = { there, asked: new Set<K>(), loader };
    lookups.set(scope, lookup);
    return lookup;
  };
  function one(scope: Scope, key: K): Soon<V | undefined> {
    const { there, asked, loader } = lookupOf(scope);
    if (there.has(key)) return there.get(key);
    asked.add(key);
    return loader.load(key);
  }
  return Object.assign(one, {
    prime(scope: Scope, key: K, value: V) {
      const { there, asked } = lookupOf(scope);
      if (!there.has(key) && !asked.has(key)) there.set(key, value);
    },
  });
}

type Lookup<K, V> = {
  readonly there: Map<K, V | undefined>;
  /** What is on its way, or there: nothing that was asked for is replaced. */
  readonly asked: Set<K>;
  readonly loader: DataLoader<K, V | undefined>;
};

/** Whatever was read for this scope is read anew when it is asked for again. */
export function forgetBatched(scope: Scope): void {
  for (const forget of forgetters) forget(scope);
}
