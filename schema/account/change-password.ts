import { rowIdOf } from '../ids.ts';
import type { Scope, Viewer, ViewerScope } from '../scope.ts';
import { revokeSessions } from '../session/revoke-sessions.ts';
import { type Denied, denied, type InvalidInput, isDenied } from '../verdict.ts';
import { moveViewerFeed } from '../viewer-feed.ts';
import { checkPassword } from './account.policy.ts';
import { guessAtOwn } from './sign-in-limit.ts';

export type ChangePasswordInput = { readonly currentPassword: string; readonly newPassword: string };

/**
 * A new password for the viewer, who must know the one before: an access token alone is not enough. Every other session ends.
 * The new one may be the same: who wants the others out and nothing else gets just that.
 */
export async function changePassword(
  scope: ViewerScope,
  input: ChangePasswordInput,
): Promise<{ readonly viewer: Viewer } | Denied | InvalidInput> {
  const { viewer, prisma } = scope;
  const invalid = checkPassword(input.newPassword, 'newPassword');
  if (invalid) return invalid;
  const user = await prisma.user.findUniqueOrThrow({ where: { id: rowIdOf.user(viewer.id) } });
  const hashed = await guessAtOwn(scope, user.handle, () => hashOfNew(scope, user.passwordHash, input));
  if (isDenied(hashed)) return hashed;
  const refused = await replace(scope, { from: user.passwordHash, to: hashed.hash });
  return refused ?? { viewer };
}

/** The hash of the new password, if the current one is right. */
async function hashOfNew(
  { passwords }: Scope,
  stored: string,
  { currentPassword, newPassword }: ChangePasswordInput,
): Promise<{ readonly hash: string } | 'wrong' | 'busy'> {
  const matches = await passwords.matches(stored, currentPassword);
  if (matches === 'busy') return 'busy';
  if (!matches) return 'wrong';
  const hash = await passwords.hash(newPassword);
  return hash === 'busy' ? 'busy' : { hash };
}

/** Everything or nothing; what a change or a revocation at the same time has made wrong is refused. */
async function replace(
  scope: ViewerScope,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Denied | undefined> {
  const [userId, sessionId] = [rowIdOf.user(scope.viewer.id), rowIdOf.session(scope.viewer.sessionId)];
  const now = new Date(scope.clock.now());
  const outcome = await scope.prisma.$transaction(async (tx) => {
    const [locked] = await tx.$queryRaw<{ readonly password_hash: string }[]>`
      SELECT password_hash FROM user_account WHERE id = ${userId} FOR NO KEY UPDATE`;
    if (locked?.password_hash !== from) return denied('WRONG_CREDENTIALS');
    const own = await tx.session.findUnique({ where: { id: sessionId, revokedAt: null } });
    if (own === null) return denied('SESSION_REVOKED');
    await tx.user.update({ where: { id: userId }, data: { passwordHash: to } });
    const others = await revokeSessions(tx, { userId, id: { not: sessionId } }, now);
    return { others, moved: others.length > 0 ? await moveViewerFeed(tx, userId) : undefined };
  });
  if (isDenied(outcome)) return outcome;
  for (const other of outcome.others) scope.announceRevoked(other);
  if (outcome.moved) scope.stream.announceFeed(outcome.moved);
  return undefined;
}
