import type { PrismaClient } from '../prisma/generated/client/client.ts';
import { rowIdOf, type SessionId } from '../schema/ids.ts';
import type { Clock } from '../schema/ports/clock.ts';
import type { Viewer } from '../schema/scope.ts';
import type { AccessTokens } from '../schema/session/access-tokens.ts';
import type { Revocations } from './revocations.ts';

export type Authentication =
  /** Nothing was shown. */
  | { readonly state: 'anonymous' }
  | { readonly state: 'signed-in'; readonly viewer: Viewer; readonly expiresAt: Date }
  /** `expired`: refresh. `revoked`: sign in again. `invalid`: not a token of ours. */
  | { readonly state: 'expired' | 'revoked' | 'invalid' };

/** Finds out who asks, by the value of an `Authorization` header: `Bearer` and an access token. Rejects when the database does. */
export type Authenticate = (authorization: string | undefined) => Promise<Authentication>;

type Settings = {
  readonly accessTokens: AccessTokens;
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly revocations: Revocations;
};

const bearer = /^Bearer +([^\s]+)$/i;

export function createAuthenticate(settings: Settings): Authenticate {
  const stands = createStandings(settings);
  return async (authorization) => {
    if (authorization === undefined || authorization.trim() === '') return { state: 'anonymous' };
    const token = bearer.exec(authorization.trim())?.[1];
    if (token === undefined) return { state: 'invalid' };
    const verified = await settings.accessTokens.verify(token);
    if (typeof verified === 'string') return { state: verified };
    if (!(await stands(verified.viewer.sessionId))) return { state: 'revoked' };
    return { state: 'signed-in', ...verified };
  };
}

/** How long an answer of the database is believed; a revocation that is heard of counts at once. */
const freshMs = 5_000;
/** Those asked about most recently; each takes about 200 bytes. */
const maxRemembered = 50_000;

type Standing = { readonly askedAt: number; readonly stands: Promise<boolean> };

/** Does a session still stand? Those who ask about the same one at once share an answer. */
function createStandings({ prisma, clock, revocations }: Settings) {
  const standings = new Map<SessionId, Standing>();
  const remember = (sessionId: SessionId, standing: Standing) => {
    standings.delete(sessionId);
    standings.set(sessionId, standing);
    const oldest = standings.keys().next();
    if (standings.size > maxRemembered && !oldest.done) standings.delete(oldest.value);
  };
  /** Replaces also an answer that is still on its way, which may have been read before the revocation. It never lapses: a session ends once. */
  const ended: Standing = { askedAt: Number.POSITIVE_INFINITY, stands: Promise.resolve(false) };
  revocations.onRevoked((sessionId) => {
    if (standings.has(sessionId)) remember(sessionId, ended);
  });
  const ask = async (sessionId: SessionId) => {
    const id = rowIdOf.session(sessionId);
    const row = await prisma.session.findUnique({ where: { id }, select: { revokedAt: true } });
    return row !== null && row.revokedAt === null;
  };
  return async (sessionId: SessionId): Promise<boolean> => {
    const known = standings.get(sessionId);
    if (known && clock.now() - known.askedAt < freshMs) return known.stands;
    const asked: Standing = { askedAt: clock.now(), stands: ask(sessionId) };
    remember(sessionId, asked);
    try {
      await asked.stands;
    } catch (error) {
      if (standings.get(sessionId) === asked) standings.delete(sessionId);
      throw error;
    }
    // Not `asked`: a revocation may have been heard of meanwhile.
    return standings.get(sessionId)?.stands ?? asked.stands;
  };
}
