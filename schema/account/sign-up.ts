import { Prisma } from '../../prisma/generated/client/client.ts';
import { checkDevice } from '../device/device.policy.ts';
import type { DeviceInput } from '../device/device.ts';
import type { Scope, Viewer } from '../scope.ts';
import { openSession, type Session, sessionOf } from '../session/open-session.ts';
import { type Denied, denied, type InvalidInput, invalidInput, isDenied } from '../verdict.ts';
import {
  checkDisplayName,
  checkHandle,
  checkPassword,
  displayNameOf,
  handleKeyOf,
} from './account.policy.ts';
import { colourOf } from './colour.ts';
import { attemptSignUp } from './sign-in-limit.ts';

export type SignUpInput = {
  readonly handle: string;
  readonly displayName: string;
  readonly password: string;
  readonly device: DeviceInput;
};
export type SignedIn = { readonly session: Session; readonly viewer: Viewer };

/**
 * Makes an account and signs it in: both, or neither. That a handle is taken cannot be hidden from whoever asks for it, and is
 * no secret: handles are public. The limit per address is for the cost of the hash.
 */
export async function signUp(scope: Scope, input: SignUpInput): Promise<SignedIn | Denied | InvalidInput> {
  const invalid =
    checkHandle(input.handle) ??
    checkDisplayName(input.displayName) ??
    checkPassword(input.password) ??
    checkDevice(input.device);
  if (invalid) return invalid;
  const attempt = await attemptSignUp(scope, input.handle);
  if (isDenied(attempt)) return attempt;
  const now = new Date(scope.clock.now());
  const passwordHash = await scope.passwords.hash(input.password);
  if (passwordHash === 'busy') await attempt.unmade();
  if (passwordHash === 'busy') return denied('RATE_LIMITED', new Date(now.getTime() + 1_000));
  try {
    const opened = await scope.prisma.$transaction(async (tx) => {
      const user = await tx.user.create({ data: { ...profileOf(input), passwordHash, createdAt: now } });
      return openSession(tx, input.device, { userId: user.id, now });
    });
    await attempt.done();
    return { session: await sessionOf(scope, opened), viewer: opened.viewer };
  } catch (error) {
    // The database decides, so of two who ask for one handle at once, one gets it.
    if (isTaken(error)) return invalidInput('HANDLE_TAKEN', 'handle');
    throw error;
  }
}

function profileOf({ handle, displayName }: SignUpInput) {
  const handleKey = handleKeyOf(handle);
  return { handle, handleKey, displayName: displayNameOf(displayName), colour: colourOf(handleKey) };
}

/** The handle is the only thing here that can clash. */
const isTaken = (error: unknown) =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
