import { type PushEndpointId, pushEndpointIdOf, rowIdOf } from '../ids.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { moveViewerFeed } from '../viewer-feed.ts';

/** Absent, or null: that of the device that asks. */
export type RemovePushEndpointInput = { readonly pushEndpointId?: PushEndpointId | null };
export type PushEndpointRemoved = { readonly pushEndpointId: PushEndpointId; readonly viewer: Viewer };

/** One of the viewer's devices is woken no more, until it registers again; the others are told. */
export async function removePushEndpoint(
  { viewer, prisma, stream }: ViewerScope,
  { pushEndpointId }: RemovePushEndpointInput,
): Promise<PushEndpointRemoved | Denied> {
  const [userId, deviceId] = [rowIdOf.user(viewer.id), rowIdOf.device(viewer.deviceId)];
  const which = pushEndpointId ? { id: rowIdOf.pushEndpoint(pushEndpointId) } : { deviceId };
  const removed = await prisma.$transaction(async (tx) => {
    // The user before their endpoints, as everybody does it: neither waits for what the other holds.
    await tx.$queryRaw`SELECT 1 FROM user_account WHERE id = ${userId} FOR NO KEY UPDATE`;
    const row = await tx.pushEndpoint.findFirst({ where: { ...which, userId }, select: { id: true } });
    if (row === null) return undefined;
    await tx.pushEndpoint.deleteMany({ where: { id: row.id } });
    return { id: row.id, moved: await moveViewerFeed(tx, userId) };
  });
  if (removed === undefined) return denied('NOT_FOUND');
  stream.announceFeed(removed.moved);
  return { pushEndpointId: pushEndpointIdOf(removed.id), viewer };
}
