import { importPKCS8, SignJWT } from 'jose';
import { startError } from '../../prisma/start-error.ts';
import type { Clock } from '../../schema/ports/clock.ts';

/** Apple takes a token for an hour, so it is made anew before that, */
const renewAfterMs = 50 * 60_000;
/** and refuses one that follows another too soon (TooManyProviderTokenUpdates). */
const leastApartMs = 20 * 60_000;

export type ProviderTokens = {
  /** The token to send with. */
  current(): Promise<string> | string;
  /**
   * Apple said that `token` is too old. Resolves with another one; with how long to wait for it, where the last one is too young
   * to be followed.
   */
  afterExpired(token: string): Promise<{ readonly token: string } | { readonly waitMs: number }>;
};

export type ProviderKey = { readonly key: string; readonly keyId: string; readonly teamId: string };

/**
 * Says to Apple who we are: a JWT by ES256 (kid, iss, iat), used by all sends for 50 minutes. Rejects with a StartError when the
 * key is none.
 */
export async function createProviderTokens({ key, keyId, teamId }: ProviderKey, clock: Clock) {
  const signing = await importPKCS8(key.trim(), 'ES256').catch((cause: unknown) => {
    throw startError('APNS_KEY is not the key that Apple gave you: the whole text of its .p8 file.', cause);
  });
  let token = '';
  let madeAt = Number.NEGATIVE_INFINITY;
  let making: Promise<string> | undefined;

  /** A clock that was set back has no good age: better a new token than one from the future. */
  const isOlderThan = (ms: number) => clock.now() - madeAt >= ms || clock.now() < madeAt;
  /** One for all who ask meanwhile. */
  const renew = () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };
  async function make(): Promise<string> {
    const now = clock.now();
    token = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setIssuedAt(Math.floor(now / 1_000))
      .sign(signing);
    madeAt = now;
    return token;
  }
  const tokens: ProviderTokens = {
    current: () => (isOlderThan(renewAfterMs) ? renew() : token),
    async afterExpired(refused) {
      if (making !== undefined) return { token: await making };
      if (refused !== token) return { token }; // somebody else has heard it before
      if (isOlderThan(leastApartMs)) return { token: await renew() };
      return { waitMs: madeAt + leastApartMs - clock.now() };
    },
  };
  return tokens;
}
