import { rowIdOf } from '../ids.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import type { InvalidInput } from '../verdict.ts';
import { moveViewerFeed } from '../viewer-feed.ts';
import { checkColour, checkDisplayName, displayNameOf } from './account.policy.ts';

/** What is absent stays as it is. */
export type UpdateProfileInput = {
  readonly displayName?: string | null | undefined;
  readonly colour?: string | null | undefined;
};

/** Changes how everybody sees the viewer, and tells the viewer's other devices if it did. */
export async function updateProfile(
  scope: ViewerScope,
  input: UpdateProfileInput,
): Promise<{ readonly viewer: Viewer } | InvalidInput> {
  const displayName = input.displayName ?? undefined;
  const colour = input.colour ?? undefined;
  const invalid =
    (displayName === undefined ? undefined : checkDisplayName(displayName)) ??
    (colour === undefined ? undefined : checkColour(colour));
  if (invalid) return invalid;
  await write(scope, {
    ...(displayName !== undefined && { displayName: displayNameOf(displayName) }),
    ...(colour !== undefined && { colour: colour.toLowerCase() }),
  });
  return { viewer: scope.viewer };
}

async function write(
  { viewer, prisma, stream, presence, authors }: ViewerScope,
  data: { readonly displayName?: string; readonly colour?: string },
): Promise<void> {
  const id = rowIdOf.user(viewer.id);
  const differing = Object.entries(data).map(([field, value]) => ({ [field]: { not: value } }));
  if (differing.length === 0) return;
  const moved = await prisma.$transaction(async (tx) => {
    const { count } = await tx.user.updateMany({ where: { id, OR: differing }, data });
    return count > 0 ? moveViewerFeed(tx, id) : undefined;
  });
  if (moved === undefined) return;
  authors.forget(viewer.id);
  stream.announceFeed(moved);
  presence.announce(viewer.id);
}
