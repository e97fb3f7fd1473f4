import type { Prisma } from '../../prisma/generated/client/client.ts';
import { deviceOf } from '../device/device.ts';
import { deviceIdOf, sessionIdOf, userIdOf } from '../ids.ts';
import type { Scope, Viewer } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { type OpenedSession, type Session, sessionExpiry, sessionOf } from './open-session.ts';
import { hashOfToken, makeRefreshToken } from './refresh-tokens.ts';
import { endSessions } from './revoke-sessions.ts';
import { standingOf } from './session.policy.ts';

export type RefreshSessionInput = { readonly refreshToken: string };
export type RefreshedSession = { readonly session: Session; readonly viewer: Viewer };

/**
 * New tokens for an old refresh token. Needs no access token. Repeating it is safe for as long as none of the tokens that it
 * answered has been used; a token that is shown after that is a copy in wrong hands, and ends the session.
 */
export async function refreshSession(
  scope: Scope,
  input: RefreshSessionInput,
): Promise<RefreshedSession | Denied> {
  const shown = { hash: hashOfToken(input.refreshToken), now: new Date(scope.clock.now()) };
  const outcome = await scope.prisma.$transaction((tx) => take(tx, shown));
  if (outcome === 'ended') return denied('SESSION_REVOKED');
  if ('viewer' in outcome) {
    const { viewer } = outcome;
    const session = await sessionOf(scope, outcome);
    scope.onRefreshed?.({ sessionId: viewer.sessionId, expiresAt: session.accessTokenExpiresAt });
    return { session, viewer };
  }
  await endCopied(scope, outcome.copied);
  return denied('SESSION_REVOKED');
}

type Shown = { readonly hash: Uint8Array<ArrayBuffer>; readonly now: Date };
type SessionRow = { readonly id: bigint; readonly userId: bigint };
type Outcome = OpenedSession | { readonly copied: SessionRow } | 'ended';

/**
 * Somebody holds a copy of a token of this session. In a transaction of its own, which takes its locks in the order of all
 * others: a token that is dead stays dead, so it is as right now as it was a moment ago.
 */
async function endCopied(scope: Scope, { id, userId }: SessionRow): Promise<void> {
  for (const sessionId of await endSessions(scope, userId, { id })) {
    scope.logger.warn(
      { sessionId },
      'A refresh token was used that should be gone: its session has been revoked.',
    );
  }
}

async function take(tx: Prisma.TransactionClient, { hash, now }: Shown): Promise<Outcome> {
  const token = await tx.refreshToken.findUnique({ where: { hash } });
  if (!token) return 'ended';
  // The lock makes those who show tokens of one session at once take turns: each sees what the one before left.
  await tx.$queryRaw`SELECT 1 FROM session WHERE id = ${token.sessionId} FOR UPDATE`;
  const session = await tx.session.findUniqueOrThrow({ where: { id: token.sessionId } });
  const standing = standingOf({
    hasEnded: session.revokedAt !== null || session.expiresAt <= now,
    generation: token.generation,
    usedGeneration: session.usedGeneration,
    isNewestUsed: session.usedHash !== null && Buffer.compare(session.usedHash, hash) === 0,
  });
  if (standing === 'ended') return 'ended';
  if (standing === 'dead') return { copied: session };
  return prolong(tx, { ...session, usedHash: hash, usedGeneration: token.generation }, now);
}

async function prolong(
  tx: Prisma.TransactionClient,
  session: {
    id: bigint;
    userId: bigint;
    deviceId: bigint;
    usedGeneration: number;
    usedHash: Uint8Array<ArrayBuffer>;
  },
  now: Date,
): Promise<OpenedSession> {
  const { id, usedGeneration, usedHash } = session;
  await tx.session.update({
    where: { id },
    data: { usedGeneration, usedHash, expiresAt: sessionExpiry(now) },
  });
  const device = await tx.device.update({ where: { id: session.deviceId }, data: { lastActiveAt: now } });
  return {
    viewer: {
      id: userIdOf(session.userId),
      deviceId: deviceIdOf(session.deviceId),
      sessionId: sessionIdOf(id),
    },
    device: deviceOf(device),
    refreshToken: await makeRefreshToken(tx, { id, generation: usedGeneration + 1, usedHash }, now),
    revoked: [],
  };
}
