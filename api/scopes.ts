import type { Product, Scope, SharedView, Viewer } from '../schema/scope.ts';
import { type InOrder, unordered } from '../schema/stream/in-order.ts';

/** What one operation adds to the product. */
export type Asker = {
  readonly viewer: Viewer | undefined;
  /** Where this comes from, as `addressOf` has it. */
  readonly address: string;
  /** Absent over HTTP, where requests have no order among each other. */
  readonly inOrder?: InOrder;
  /** Aborts when whoever asked is gone. */
  readonly signal?: AbortSignal;
  readonly onRefreshed?: Scope['onRefreshed'];
};

export type Scopes = {
  /** A new scope on every call: what is loaded for an operation, or for one event, is kept with its scope and never outlives it. */
  scopeOf(asker: Asker): Scope;
  /** For one execution that serves several viewers: whatever asks who the viewer is, fails. */
  sharedScope(sharedView: SharedView): Scope;
};

export function createScopes(product: Product): Scopes {
  return {
    scopeOf: ({ inOrder = unordered, ...asker }) => ({ ...product, ...asker, inOrder }),
    sharedScope: (sharedView) => ({
      ...product,
      inOrder: unordered,
      sharedView,
      get viewer(): never {
        throw new Error('A field marked `sameForAll` or `variesBy` asked who the viewer is.');
      },
    }),
  };
}
