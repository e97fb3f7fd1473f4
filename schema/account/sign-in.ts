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
  const user = await guessAtSignIn(scope, input.handle, () => userWith(scope, input));
  if (isDenied(user)) return user;
  const now = new Date(scope.clock.now());
  const opened = await scope.prisma.$transaction(async (tx) => {
    // Sign-ins of one user take turns, so that their devices are counted right.
    const [locked] = await tx.$queryRaw<{ readonly password_hash: string }[]>`
      SELECT password_hash FROM user_account WHERE id = ${user.id} FOR NO KEY UPDATE`;
    // Changed while the old one was looked at: it must not open a session that the change did not see.
    if (locked?.password_hash !== user.passwordHash) return undefined;
    return openSession(tx, input.device, { userId: user.id, now });
  });
  if (opened === undefined) return denied('WRONG_CREDENTIALS');
  return { session: await sessionOf(scope, opened), viewer: opened.viewer };
}

type Known = { readonly id: bigint; readonly passwordHash: string };

async function userWith(
  { prisma, passwords }: Scope,
  { handle, password }: SignInInput,
): Promise<Known | 'wrong' | 'busy'> {
  const user = isHandle(handle)
    ? await prisma.user.findUnique({ where: { handleKey: handleKeyOf(handle) } })
    : null;
  const matches = await passwords.matches(user?.passwordHash, password);
  if (matches === 'busy') return 'busy';
  return matches && user ? user : 'wrong';
}
