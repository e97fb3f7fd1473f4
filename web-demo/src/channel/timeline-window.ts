/** What a timeline has to know of a message: of two copies, the one with the larger revision is newer. */
export type Numbered = { readonly id: string; readonly number: number; readonly revision: number };

/** A message at its place. Who came by the stream has no cursor: it was never on a page. */
export type Row<M extends Numbered> = { readonly message: M; readonly cursor: string | null };

/** A stretch of the channel without a hole, and whether there is more on either side. */
export type Stretch<M extends Numbered> = {
  readonly rows: readonly Row<M>[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
};

export const nothing = { rows: [], hasOlder: false, hasNewer: false } as const;

/** The number of the last row; 0 before the first message. */
export const endOf = <M extends Numbered>({ rows }: Pick<Stretch<M>, 'rows'>): number =>
  rows.at(-1)?.message.number ?? 0;

/** A page that stands before the stretch. What both have is there once; a page with nothing new is the end of the way. */
export function prepended<M extends Numbered>(held: Stretch<M>, page: Stretch<M>): Stretch<M> {
  const start = held.rows[0]?.message.number ?? Number.POSITIVE_INFINITY;
  const more = page.rows.filter(({ message }) => message.number < start);
  return { ...held, rows: [...more, ...held.rows], hasOlder: page.hasOlder && more.length > 0 };
}

/** A page that stands behind it. */
export function appended<M extends Numbered>(held: Stretch<M>, page: Stretch<M>): Stretch<M> {
  const end = endOf(held);
  const more = page.rows.filter(({ message }) => message.number > end);
  return { ...held, rows: [...held.rows, ...more], hasNewer: page.hasNewer && more.length > 0 };
}

/** Whether something may be missing between the stretch and a page of the newest messages. */
export const isApart = <M extends Numbered>(held: Stretch<M>, newest: Stretch<M>): boolean => {
  const start = newest.rows[0]?.message.number;
  return held.rows.length > 0 && start !== undefined && newest.hasOlder && start > endOf(held) + 1;
};

/** Without what is too much, at the side that is farther away from where it grew. */
export function trimmed<M extends Numbered>(
  held: Stretch<M>,
  grewAt: 'start' | 'end',
  maxRows: number,
): Stretch<M> {
  if (held.rows.length <= maxRows) return held;
  return grewAt === 'start'
    ? { ...held, rows: held.rows.slice(0, maxRows), hasNewer: true }
    : { ...held, rows: held.rows.slice(-maxRows), hasOlder: true };
}

/** With another copy of some rows; the very same stretch when that changes nothing. */
export function patched<M extends Numbered>(held: Stretch<M>, patch: (message: M) => M): Stretch<M> {
  let isSame = true;
  const rows = held.rows.map((row) => {
    const message = patch(row.message);
    if (message === row.message) return row;
    isSame = false;
    return { ...row, message };
  });
  return isSame ? held : { ...held, rows };
}

/** By its number: the first message at or after it, or the last one there is. */
export type Place = { readonly number: number } | { readonly messageId: string };

/** The message at a place; undefined when the place is not within the stretch. */
export function foundAt<M extends Numbered>({ rows, hasOlder, hasNewer }: Stretch<M>, place: Place) {
  const messages = rows.map(({ message }) => message);
  if ('messageId' in place) return messages.find(({ id }) => id === place.messageId);
  const isBefore = hasOlder && place.number < (messages[0]?.number ?? 0);
  const found = messages.find(({ number }) => number >= place.number);
  return isBefore ? undefined : (found ?? (hasNewer ? undefined : messages.at(-1)));
}
