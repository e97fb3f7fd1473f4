import type { CombinedError } from 'urql';

/** Why something was not done, as `Refusal` shows it: a refusal of the server, or what we say when there was no answer. */
export type Problem = { readonly code: string; readonly explanation: string; readonly until: string | null };

/** What people can do about each failure; of the others they can only try again. */
const advice: Readonly<Record<string, string>> = {
  RATE_LIMITED: 'That was too much at once. Wait a little, then try again.',
  UNAVAILABLE: 'The server cannot do that right now. Nothing is lost: try again in a moment.',
  UNAUTHENTICATED: 'You are signed out here. Sign in again, then repeat it.',
};

const untilOf = (retryAfterMs: unknown, now: number): string | null =>
  typeof retryAfterMs === 'number' ? new Date(now + retryAfterMs).toISOString() : null;

/** A failure in words. Without an answer nobody knows whether it was done, and all that we ask can be asked twice. */
export function problemOf(error: CombinedError | undefined, now = Date.now()): Problem {
  const [first] = error?.graphQLErrors ?? [];
  if (first === undefined)
    return {
      code: 'NO_ANSWER',
      explanation: 'The server did not answer. Try again when you are connected.',
      until: null,
    };
  const { code, retryAfterMs } = first.extensions;
  const known = typeof code === 'string' ? code : 'FAILED';
  return {
    code: known,
    explanation: advice[known] ?? 'Something went wrong on the server. Try again.',
    until: untilOf(retryAfterMs, now),
  };
}
