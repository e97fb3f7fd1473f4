import { problemOfLine } from '../one-line.ts';
import type { Role } from '../stream/event.ts';
import { allowed, denied, type InvalidInput, invalidInput, type Verdict } from '../verdict.ts';

/** How somebody stands in a channel; `role` undefined for who is no member. */
export type Standing = {
  readonly kind: 'DIRECT' | 'GROUP';
  readonly hasEnded: boolean;
  readonly role: Role | undefined;
};

/** A nonce is an id that a client made: a UUID has 36 characters. */
export const maxNonceLength = 64;

/** What is wrong with a nonce; undefined when it can be used. White space around it makes it another one, so it counts. */
export function checkNonce(nonce: string): InvalidInput | undefined {
  const isTooLong = [...nonce].length > maxNonceLength;
  const problem = isTooLong ? 'TOO_LONG' : problemOfLine(nonce, maxNonceLength);
  return (
    problem && invalidInput(problem, 'nonce', `A nonce is one line of 1 to ${maxNonceLength} characters.`)
  );
}

/** May this person be in one more channel? */
export const canJoin = (channelCount: number, channelsPerUser: number): Verdict =>
  channelCount < channelsPerUser ? allowed : denied('TOO_MANY_CHANNELS');

/** Somebody with whom somebody else wants to talk alone. `isBlocked`: one of the two has blocked the other. */
export type Peer = { readonly exists: boolean; readonly isSelf: boolean; readonly isBlocked: boolean };

/** May they open a channel with this person? Asked also when it is open already. Who is blocked learns no more than who blocks. */
export function canOpenDirect({ isSelf, exists, isBlocked }: Peer): Verdict {
  if (isSelf) return denied('MALFORMED');
  if (!exists) return denied('NOT_FOUND');
  return isBlocked ? denied('NOT_ACCEPTING') : allowed;
}
