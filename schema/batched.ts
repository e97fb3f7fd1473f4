import DataLoader from 'dataloader';
import type { Scope } from './scope.ts';

/** A lookup of one, read together with the others. */
export type Batched<K, V> = {
  (scope: Scope, key: K): Promise<V | undefined>;
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
  const loaders = new WeakMap<Scope, DataLoader<K, V | undefined>>();
  forgetters.push((scope) => loaders.delete(scope));
  const loaderOf = (scope: Scope) => {
    const known = loaders.get(scope);
    if (known !== undefined) return known;
    const loader = new DataLoader<K, V | undefined>(async (keys) => {
      const found = await load(scope, keys);
      return keys.map((key) => found.get(key));
    });
    loaders.set(scope, loader);
    return loader;
  };
  return Object.assign((scope: Scope, key: K) => loaderOf(scope).load(key), {
    prime: (scope: Scope, key: K, value: V) => void loaderOf(scope).prime(key, value),
  });
}

/** Whatever was read for this scope is read anew when it is asked for again. */
export function forgetBatched(scope: Scope): void {
  for (const forget of forgetters) forget(scope);
}
