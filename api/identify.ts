import { chatError } from '../schema/errors.ts';
import type { Authenticate, Authentication } from './authenticate.ts';
import type { Operation } from './check-document.ts';
import { secretMutations } from './document-limits.ts';
import { rootFieldsOf } from './root-fields.ts';

/** A token that was found good. */
export type SignedIn = Extract<Authentication, { readonly state: 'signed-in' }>;
export type Anonymous = Extract<Authentication, { readonly state: 'anonymous' }>;

/** What is wrong with a token, in words that say what to do. */
export const tokenProblems = {
  expired: 'The access token has expired: refresh the session and try again.',
  revoked: 'The session of this access token has ended: sign in again.',
  invalid: 'This is no access token of this server: sign in again.',
} as const;

/**
 * On whose behalf an operation runs, by the `Authorization` that came with it. Rejects with `UNAUTHENTICATED` when that is no
 * good; but a mutation that looks at a secret of its own (to refresh, to sign in again) then runs as if nothing had come, since
 * clients send the old token with everything.
 */
export async function identify(
  authenticate: Authenticate,
  authorization: string | undefined,
  operation: Operation,
): Promise<SignedIn | Anonymous> {
  const found = await authenticate(authorization);
  if (found.state === 'signed-in' || found.state === 'anonymous') return found;
  if (bringsItsOwnProof(operation)) return { state: 'anonymous' };
  throw chatError('UNAUTHENTICATED', tokenProblems[found.state]);
}

function bringsItsOwnProof({ document, node }: Operation): boolean {
  if (node.operation !== 'mutation') return false;
  const fields = rootFieldsOf(document, node.selectionSet);
  return fields.length > 0 && fields.every(({ name }) => secretMutations.has(name.value));
}

/** An `Authorization` among values that a client chose freely, under either spelling. */
export function authorizationIn(values: unknown): string | undefined {
  if (typeof values !== 'object' || values === null) return undefined;
  const { authorization, Authorization } = { authorization: undefined, Authorization: undefined, ...values };
  return [authorization, Authorization].find((value) => typeof value === 'string');
}
