import type { Viewer } from '../scope.ts';

export type IssuedToken = { readonly token: string; readonly expiresAt: Date };
export type VerifiedToken = { readonly viewer: Viewer; readonly expiresAt: Date };

/** Short-lived proofs of who is asking: EdDSA JWTs, signed with a key that is made on first start and kept in the database. */
export interface AccessTokens {
  issue(viewer: Viewer): Promise<IssuedToken>;
  /** `expired` may be refreshed; `invalid` is damaged, foreign, of another installation or unsigned. Says nothing about whether the session still stands. */
  verify(token: string): Promise<VerifiedToken | 'expired' | 'invalid'>;
}
