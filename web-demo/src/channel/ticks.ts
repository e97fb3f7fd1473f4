/** How far a member is; null where they do not share it. */
type Placed = { readonly readNumber: number | null; readonly deliveredNumber: number | null };
export type Ticks = {
  readonly readByAllNumber: number | null;
  readonly deliveredToAllNumber: number | null;
};

/** Up to where all of the others have read, and received; null where nobody shares it. */
export function ticksOf(others: readonly Placed[]): Ticks {
  const smallest = (numbers: readonly (number | null)[]) => {
    const shared = numbers.filter((number) => number !== null);
    return shared.length > 0 ? Math.min(...shared) : null;
  };
  return {
    readByAllNumber: smallest(others.map(({ readNumber }) => readNumber)),
    deliveredToAllNumber: smallest(others.map(({ deliveredNumber }) => deliveredNumber)),
  };
}

export type Sent = 'sent' | 'delivered' | 'read';

/** What became of a message of one's own. */
export function sentState(number: number, { readByAllNumber, deliveredToAllNumber }: Ticks): Sent {
  if (number <= (readByAllNumber ?? 0)) return 'read';
  return number <= (deliveredToAllNumber ?? 0) ? 'delivered' : 'sent';
}
