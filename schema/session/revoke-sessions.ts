import type { Prisma } from '../../prisma/generated/client/client.ts';
import { type SessionId, sessionIdOf } from '../ids.ts';
import type { Scope } from '../scope.ts';
import { moveViewerFeed } from '../viewer-feed.ts';

/**
 * Ends those of these sessions that still stand, for good, and tells which; their devices are woken no more. The caller holds the
 * lock on the user's row, so that no device registers where it is woken while its session ends. When it is committed, each is to be
 * announced (`scope.announceRevoked`), so that its sockets are cut.
 */
export async function revokeSessions(
  tx: Prisma.TransactionClient,
  where: Prisma.SessionWhereInput,
  now: Date,
): Promise<SessionId[]> {
  const revoked = await tx.session.updateManyAndReturn({
    where: { AND: [where, { revokedAt: null }] },
    data: { revokedAt: now },
    select: { id: true, deviceId: true },
  });
  if (revoked.length > 0)
    await tx.pushEndpoint.deleteMany({
      where: { deviceId: { in: revoked.map(({ deviceId }) => deviceId) } },
    });
  return revoked.map(({ id }) => sessionIdOf(id));
}

/**
 * Ends those of these sessions of one user that still stand, on every server, and tells the user's other devices. Answers
 * which; none when they had ended before, and then nothing is told.
 */
export async function endSessions(
  scope: Scope,
  userId: bigint,
  where: Prisma.SessionWhereInput,
): Promise<readonly SessionId[]> {
  const now = new Date(scope.clock.now());
  const { revoked, moved } = await scope.prisma.$transaction(async (tx) => {
    // The user before their sessions, as a sign-in does it: neither waits for what the other holds.
    await tx.$queryRaw`SELECT 1 FROM user_account WHERE id = ${userId} FOR NO KEY UPDATE`;
    const ended = await revokeSessions(tx, { AND: [where, { userId }] }, now);
    return { revoked: ended, moved: ended.length > 0 ? await moveViewerFeed(tx, userId) : undefined };
  });
  for (const sessionId of revoked) scope.announceRevoked(sessionId);
  if (moved) scope.stream.announceFeed(moved);
  return revoked;
}
