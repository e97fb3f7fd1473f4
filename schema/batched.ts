import DataLoader from 'dataloader';
import type { Scope, Viewer } from './scope.ts';

/**
 * Makes a lookup of many into one of one: what an operation asks for at the same moment is read together, and once per scope.
 * A scope lives for one operation or one event, so nothing is older than that; when somebody else comes to stand behind it
 * (a sign-in), what was read for the one before is forgotten.
 */
export function batched<K, V>(
  load: (scope: Scope, keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): (scope: Scope, key: K) => Promise<V | undefined> {
  type Kept = { readonly viewer: Viewer | undefined; readonly loader: DataLoader<K, V | undefined> };
  const kept = new WeakMap<Scope, Kept>();
  const loaderOf = (scope: Scope) => {
    const viewer = scope.sharedView ? undefined : scope.viewer;
    const known = kept.get(scope);
    if (known !== undefined && known.viewer === viewer) return known.loader;
    const loader = new DataLoader<K, V | undefined>(async (keys) => {
      const found = await load(scope, keys);
      return keys.map((key) => found.get(key));
    });
    kept.set(scope, { viewer, loader });
    return loader;
  };
  return (scope, key) => loaderOf(scope).load(key);
}
