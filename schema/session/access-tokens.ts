import {
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { PrismaClient } from '../../prisma/generated/client/client.ts';
import { incomingId, type SessionId, typeOfId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Viewer } from '../scope.ts';

export type IssuedToken = { readonly token: string; readonly expiresAt: Date };
export type VerifiedToken = { readonly viewer: Viewer; readonly expiresAt: Date };

/** Short-lived proofs of who is asking: EdDSA JWTs, signed with a key that is made on first start and kept in the database. */
export interface AccessTokens {
  issue(viewer: Viewer): Promise<IssuedToken>;
  /** `expired` may be refreshed; `invalid` is damaged, foreign, of another installation or unsigned. Says nothing about whether the session still stands. */
  verify(token: string): Promise<VerifiedToken | 'expired' | 'invalid'>;
}

type Settings = {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  /** How long a token is good for. */
  readonly lifetimeSeconds: number;
};

/** The only algorithm, whatever a token's header says. */
const algorithm = 'EdDSA';
/** Ours have about 400 characters; a longer one is not looked at. */
const maxTokenLength = 2_048;
/** A verification costs 0.7 ms of one core, remembering it about 1 KB. */
const maxRemembered = 10_000;

/**
 * Tokens of this installation, which is their issuer and their audience. All servers of one database share the key. Rejects
 * when the database does. Holds nothing that would have to be closed.
 */
export async function openAccessTokens({ prisma, clock, lifetimeSeconds }: Settings): Promise<AccessTokens> {
  const { uuid } = await prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const { privateKey, publicKey } = await signingKey(prisma);
  const remembered = createMemory(clock);
  const verifyAnew = async (token: string): Promise<VerifiedToken | 'expired' | 'invalid'> => {
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: [algorithm],
        issuer: uuid,
        audience: uuid,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub', 'sid', 'did'],
      });
      return verified(payload) ?? 'invalid';
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired';
      if (error instanceof errors.JOSEError) return 'invalid';
      throw error;
    }
  };
  return {
    async issue(viewer) {
      const now = Math.floor(clock.now() / 1000);
      const token = await new SignJWT({ sid: viewer.sessionId, did: viewer.deviceId })
        .setProtectedHeader({ alg: algorithm })
        .setSubject(viewer.id)
        .setIssuer(uuid)
        .setAudience(uuid)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(privateKey);
      return { token, expiresAt: new Date((now + lifetimeSeconds) * 1000) };
    },
    async verify(token) {
      if (token.length > maxTokenLength) return 'invalid';
      const known = remembered.find(token);
      if (known) return known;
      const answer = await verifyAnew(token);
      if (typeof answer === 'object') remembered.keep(token, answer);
      return answer;
    },
  };
}

/** The key that every server of this database signs with. The first server makes it; of several that start at once, one. */
async function signingKey(prisma: PrismaClient) {
  const id = 'access-tokens';
  if (!(await prisma.signingKey.findUnique({ where: { id } }))) {
    const made = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
    const [privateJwk, publicJwk] = await Promise.all([
      exportJWK(made.privateKey),
      exportJWK(made.publicKey),
    ]);
    await prisma.signingKey.createMany({
      data: { id, privateJwk: { ...privateJwk }, publicJwk: { ...publicJwk } },
      skipDuplicates: true,
    });
  }
  const row = await prisma.signingKey.findUniqueOrThrow({ where: { id } });
  const [privateKey, publicKey] = await Promise.all([
    importJWK(row.privateJwk as JWK, algorithm),
    importJWK(row.publicJwk as JWK, algorithm),
  ]);
  return { privateKey, publicKey };
}

/** Who a token speaks for. Its signature has been checked, so these are our own words; the look at them is a second lock. */
function verified({ sub, sid, did, exp }: JWTPayload): VerifiedToken | undefined {
  if (sub === undefined || typeOfId(sub) !== 'User') return undefined;
  if (typeof sid !== 'string' || typeOfId(sid) !== 'Session') return undefined;
  if (typeof did !== 'string' || typeOfId(did) !== 'Device') return undefined;
  if (exp === undefined) return undefined;
  const viewer = { id: incomingId(sub), deviceId: incomingId(did), sessionId: sid as SessionId };
  return { viewer, expiresAt: new Date(exp * 1000) };
}

/** Tokens that were verified, the ones used most recently. Never anything that failed, or strangers could fill it. */
function createMemory(clock: Clock) {
  const tokens = new Map<string, VerifiedToken>();
  return {
    find(token: string): VerifiedToken | 'expired' | undefined {
      const known = tokens.get(token);
      if (!known) return undefined;
      tokens.delete(token);
      if (known.expiresAt.getTime() <= clock.now()) return 'expired';
      tokens.set(token, known);
      return known;
    },
    keep(token: string, verifiedToken: VerifiedToken) {
      tokens.set(token, verifiedToken);
      const oldest = tokens.keys().next();
      if (tokens.size > maxRemembered && !oldest.done) tokens.delete(oldest.value);
    },
  };
}
