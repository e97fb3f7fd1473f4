// region count
/** What the server has counted, and up to where: `unreadCount`, `countedToNumber` and `countedToRevision` of `viewerState`. */
export type Counted = {
  readonly unreadCount: number;
  readonly countedToNumber: number;
  readonly countedToRevision: number;
};
export type Said = { readonly number: number; readonly author: { readonly id: string } | null };

/** What is unread after `MessageSent`, for this person. */
export function afterSent<C extends Counted>(counted: C, { number, author }: Said, viewerId: string): C {
  if (number <= counted.countedToNumber) return counted; // it is in the count already
  const more = author?.id === viewerId ? 0 : 1;
  return { ...counted, unreadCount: counted.unreadCount + more, countedToNumber: number };
}

/** After `MessageDeleted`, for a person who has read up to `readNumber`. */
export function afterDeleted<C extends Counted>(
  counted: C,
  { message, revision }: { readonly message: Said | null; readonly revision: number | null },
  { id, readNumber }: { readonly id: string; readonly readNumber: number },
): C {
  // Deleted before, by somebody who was quicker; or left out of the count already.
  if (revision === null || revision <= counted.countedToRevision) return counted;
  const less = message && message.author?.id !== id && message.number > readNumber ? 1 : 0;
  return { ...counted, unreadCount: counted.unreadCount - less, countedToRevision: revision };
}
// endregion

// region ticks
/** How far a member is; null where they do not share it. */
export type Placed = { readonly readNumber: number | null; readonly deliveredNumber: number | null };

/** The author of a message, after `MessageSent`: who had read everything has read what they write next, and no other event says so. */
export function afterWriting<P extends Placed>(author: P, { number }: Pick<Said, 'number'>): P {
  if (author.readNumber !== number - 1) return author;
  return { ...author, readNumber: number, deliveredNumber: Math.max(number, author.deliveredNumber ?? 0) };
}

/** Up to where all of the others have read, and received; null where nobody shares it. */
export function ticksOf(others: readonly Placed[]) {
  const smallest = (numbers: readonly (number | null)[]) => {
    const shared = numbers.filter((number) => number !== null);
    return shared.length > 0 ? Math.min(...shared) : null;
  };
  return {
    readByAllNumber: smallest(others.map(({ readNumber }) => readNumber)),
    deliveredToAllNumber: smallest(others.map(({ deliveredNumber }) => deliveredNumber)),
  };
}
// endregion
