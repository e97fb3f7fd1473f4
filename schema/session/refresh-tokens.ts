import { createHash, randomBytes } from 'node:crypto';
import type { Prisma } from '../../prisma/generated/client/client.ts';

/** How many refresh tokens of one session are remembered: what a device can leave unused by repeating, and what betrays a stolen copy. */
const maxRemembered = 100;

/** What is stored of a token, and looked for. The token has 256 random bits, so it needs neither salt nor a slow hash. */
export const hashOfToken = (token: string) => createHash('sha256').update(token).digest();

/** Makes the next refresh token of a session, remembers it, and forgets the oldest ones; the newest used one stays, it can be repeated. */
export async function makeRefreshToken(
  tx: Prisma.TransactionClient,
  session: { readonly id: bigint; readonly generation: number; readonly usedHash?: Uint8Array<ArrayBuffer> },
  now: Date,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const spared = session.usedHash ? [session.usedHash] : [];
  const oldest = await tx.refreshToken.findMany({
    where: { sessionId: session.id, hash: { notIn: spared } },
    orderBy: [{ generation: 'desc' }, { createdAt: 'desc' }],
    skip: maxRemembered - spared.length - 1,
    select: { hash: true },
  });
  if (oldest.length > 0)
    await tx.refreshToken.deleteMany({ where: { hash: { in: oldest.map(({ hash }) => hash) } } });
  await tx.refreshToken.create({
    data: { hash: hashOfToken(token), sessionId: session.id, generation: session.generation, createdAt: now },
  });
  return token;
}
