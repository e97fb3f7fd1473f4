import type { Audience } from '../../prisma/generated/client/client.ts';
import { rowIdOf } from '../ids.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { moveViewerFeed } from '../viewer-feed.ts';

/** What is absent, or null, stays as it is. */
export type UpdateSettingsInput = {
  readonly isInvisible?: boolean | null | undefined;
  readonly lastSeenVisibleTo?: Audience | null | undefined;
  readonly sharesReadPosition?: boolean | null | undefined;
};

/** Changes what the viewer set for themselves, and tells the viewer's other devices if it did. */
export async function updateSettings(
  { viewer, prisma, stream, presence, clock }: ViewerScope,
  { isInvisible, lastSeenVisibleTo, sharesReadPosition }: UpdateSettingsInput,
): Promise<{ readonly viewer: Viewer }> {
  if (typeof sharesReadPosition === 'boolean') await stream.sharePositions(viewer.id, sharesReadPosition);
  const id = rowIdOf.user(viewer.id);
  const wanted = Object.entries({ isInvisible, lastSeenVisibleTo });
  const given = wanted.filter(([, value]) => value !== null && value !== undefined);
  if (given.length === 0) return { viewer };
  const differing = given.map(([field, value]) => ({ [field]: { not: value } }));
  const isSeen =
    isInvisible === true && (await presence.statesOf([viewer.id])).get(viewer.id)?.state === 'ONLINE';
  const moved = await prisma.$transaction(async (tx) => {
    const data = Object.fromEntries(given);
    // Who was there until now was seen until now; nobody is to know that somebody came to hide.
    if (isSeen) {
      const lastSeenAt = new Date(clock.now());
      await tx.user.updateMany({ where: { id, isInvisible: false }, data: { lastSeenAt } });
    }
    const { count } = await tx.user.updateMany({ where: { id, OR: differing }, data });
    return count > 0 ? moveViewerFeed(tx, id) : undefined;
  });
  if (moved) {
    stream.announceFeed(moved);
    presence.announce(viewer.id);
  }
  return { viewer };
}
