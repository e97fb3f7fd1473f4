import type { UserId } from './ids.ts';
import type { Scope } from './scope.ts';

/**
 * Whether the viewer is this person, also while one execution serves several viewers: then only the author of the event's
 * message may be asked about. Throws when the viewers differ in it: such a field is not marked, and runs once per viewer.
 */
export function viewerIs(scope: Scope, userId: UserId): boolean {
  const { sharedView } = scope;
  if (sharedView === undefined) return scope.viewer?.id === userId;
  if (sharedView.isAuthor) return sharedView.authorId === userId;
  if (sharedView.authorId === userId) return false;
  throw new Error('This field differs between viewers: it must not be marked `sameForAll` or `variesBy`.');
}
