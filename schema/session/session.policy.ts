/** A refresh token that somebody shows, and the session it belongs to. */
export type ShownToken = {
  /** Revoked, or not refreshed for too long. */
  readonly hasEnded: boolean;
  /** The token's place in the row of successors: 1 for that of the sign-in. */
  readonly generation: number;
  /** The place of the newest token that has been used; 0 when none has. */
  readonly usedGeneration: number;
  /** Is it itself that newest used one? */
  readonly isNewestUsed: boolean;
};

/**
 * What a refresh token is good for.
 * - `first`: nobody has used it, and that of which it is a successor is the newest used one.
 * - `again`: it has been used, none of its successors has. The answer was lost on the way, or two asked at once.
 * - `dead`: its successor has been used, or one of its siblings. Whoever shows it holds a copy that should not be: the session must end.
 * - `ended`: the session has.
 */
export type TokenStanding = 'first' | 'again' | 'dead' | 'ended';

export function standingOf({
  hasEnded,
  generation,
  usedGeneration,
  isNewestUsed,
}: ShownToken): TokenStanding {
  if (hasEnded) return 'ended';
  if (generation > usedGeneration) return 'first';
  return isNewestUsed ? 'again' : 'dead';
}
