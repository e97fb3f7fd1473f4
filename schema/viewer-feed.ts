import type { Prisma } from '../prisma/generated/client/client.ts';
import { userIdOf } from './ids.ts';
import type { FeedMoved } from './ports/memberships.ts';

/**
 * Says in the transaction that changes something of a user's own (profile, settings, devices) that their other devices are to be told.
 * Locks the user's row, so that the order of versions is the order of commits. After the commit, give what it answers to
 * `scope.stream.announceFeed`; if that is lost, the devices find out within 30 s.
 */
export async function moveViewerFeed(tx: Prisma.TransactionClient, userId: bigint): Promise<FeedMoved> {
  const [moved] = await tx.$queryRaw<{ readonly feed_version: bigint }[]>`
    UPDATE user_account SET feed_version = feed_version + 1, viewer_version = feed_version + 1
    WHERE id = ${userId} RETURNING feed_version`;
  if (moved === undefined) throw new Error('Something changed of a user who does not exist.');
  return { userId: userIdOf(userId), version: Number(moved.feed_version) };
}
