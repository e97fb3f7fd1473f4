import { chatError } from '../errors.ts';
import { type DeviceId, deviceIdOf, rowIdOf } from '../ids.ts';
import type { Scope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { hashOfToken } from './refresh-tokens.ts';
import { endSessions } from './revoke-sessions.ts';

export type SignOutInput = { readonly refreshToken?: string | null };

/**
 * Ends the session of the refresh token, or else of the viewer, on every server. Repeating it is harmless. Rejects with
 * `UNAUTHENTICATED` when there is neither.
 */
export async function signOut(
  scope: Scope,
  input: SignOutInput,
): Promise<{ readonly deviceId: DeviceId } | Denied> {
  const id = await sessionToEnd(scope, input);
  const session = id === undefined ? null : await scope.prisma.session.findUnique({ where: { id } });
  if (!session) return denied('SESSION_REVOKED');
  await endSessions(scope, session.userId, { id: session.id });
  return { deviceId: deviceIdOf(session.deviceId) };
}

async function sessionToEnd({ prisma, viewer }: Scope, { refreshToken }: SignOutInput) {
  if (refreshToken) {
    const token = await prisma.refreshToken.findUnique({ where: { hash: hashOfToken(refreshToken) } });
    return token?.sessionId;
  }
  if (!viewer) throw chatError('UNAUTHENTICATED', 'Sign in first, or give the refresh token of the session.');
  return rowIdOf.session(viewer.sessionId);
}
