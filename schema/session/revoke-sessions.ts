import type { Prisma } from '../../prisma/generated/client/client.ts';
import { type SessionId, sessionIdOf } from '../ids.ts';

/**
 * Ends those of these sessions that still stand, for good, and tells which. When it is committed, each is to be announced
 * (`scope.announceRevoked`), so that its sockets are cut.
 */
export async function revokeSessions(
  tx: Prisma.TransactionClient,
  where: Prisma.SessionWhereInput,
  now: Date,
): Promise<SessionId[]> {
  const revoked = await tx.session.updateManyAndReturn({
    where: { AND: [where, { revokedAt: null }] },
    data: { revokedAt: now },
    select: { id: true },
  });
  return revoked.map(({ id }) => sessionIdOf(id));
}
