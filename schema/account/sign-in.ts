import { checkDevice } from '../device/device.policy.ts';
import type { DeviceInput } from '../device/device.ts';
import type { Scope } from '../scope.ts';
import { openSession, sessionOf } from '../session/open-session.ts';
import { type Denied, denied, type InvalidInput, isDenied } from '../verdict.ts';
import { handleKeyOf, isHandle } from './account.policy.ts';
import { guessAtSignIn } from './sign-in-limit.ts';
import type { SignedIn } from './sign-up.ts';

export type SignInInput = {
  readonly handle: string;
  readonly password: string;
  readonly device: DeviceInput;
};

/**
 * Signs somebody in on a device. An unknown handle and a wrong password have the same answer after the same work, and count
 * the same, so that nobody finds out here which handles exist. (`user(handle)` and `signUp` do tell it: handles are public. It
 * is passwords that nobody gets to try, and who has which.)
 */
export async function signIn(scope: Scope, input: SignInInput): Promise<SignedIn | Denied | InvalidInput> {
  const invalid = checkDevice(input.device);
  if (invalid) return invalid;
  const guess = await guessAtSignIn(scope, input.handle);
  if (isDenied(guess)) return guess;
  const user = isHandle(input.handle)
    ? await scope.prisma.user.findUnique({ where: { handleKey: handleKeyOf(input.handle) } })
    : null;
  const matches = await scope.passwords.matches(user?.passwordHash, input.password);
  const now = new Date(scope.clock.now());
  if (matches === 'busy') await guess.unmade();
  if (matches === 'busy') return denied('RATE_LIMITED', new Date(now.getTime() + 1_000));
  if (!matches || !user) return denied('WRONG_CREDENTIALS');
  const opened = await scope.prisma.$transaction(async (tx) => {
    // Sign-ins of one user take turns, so that their devices are counted right.
    const [locked] = await tx.$queryRaw<{ readonly password_hash: string }[]>`
      SELECT password_hash FROM user_account WHERE id = ${user.id} FOR NO KEY UPDATE`;
    // Changed while the old one was looked at: it must not open a session that the change did not see.
    if (locked?.password_hash !== user.passwordHash) return undefined;
    return openSession(tx, input.device, { userId: user.id, now });
  });
  if (opened === undefined) return denied('WRONG_CREDENTIALS');
  await guess.right();
  return { session: await sessionOf(scope, opened), viewer: opened.viewer };
}
