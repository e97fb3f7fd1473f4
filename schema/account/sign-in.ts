import { checkDevice } from '../device/device.policy.ts';
import type { DeviceInput } from '../device/device.ts';
import type { Scope } from '../scope.ts';
import { openSession, sessionOf } from '../session/open-session.ts';
import { type Denied, denied, type InvalidInput } from '../verdict.ts';
import { handleKeyOf, isHandle } from './account.policy.ts';
import type { SignedIn } from './sign-up.ts';

export type SignInInput = {
  readonly handle: string;
  readonly password: string;
  readonly device: DeviceInput;
};

/**
 * Signs somebody in on a device. An unknown handle and a wrong password have the same answer after the same work, so that
 * nobody finds out which handles exist.
 */
export async function signIn(scope: Scope, input: SignInInput): Promise<SignedIn | Denied | InvalidInput> {
  const invalid = checkDevice(input.device);
  if (invalid) return invalid;
  const user = isHandle(input.handle)
    ? await scope.prisma.user.findUnique({ where: { handleKey: handleKeyOf(input.handle) } })
    : null;
  const matches = await scope.passwords.matches(user?.passwordHash, input.password);
  const now = new Date(scope.clock.now());
  if (matches === 'busy') return denied('RATE_LIMITED', new Date(now.getTime() + 1_000));
  if (!matches || !user) return denied('WRONG_CREDENTIALS');
  const opened = await scope.prisma.$transaction(async (tx) => {
    // Sign-ins of one user take turns, so that their devices are counted right.
    await tx.$queryRaw`SELECT 1 FROM user_account WHERE id = ${user.id} FOR NO KEY UPDATE`;
    return openSession(tx, input.device, { userId: user.id, now });
  });
  return { session: await sessionOf(scope, opened), viewer: opened.viewer };
}
