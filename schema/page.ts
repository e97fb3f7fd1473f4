import { chatError } from './errors.ts';

/** The arguments of every connection. */
export type PageArgs = {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
};

/** What is asked for, with the limits applied. */
export type PageWanted = {
  readonly take: 'first' | 'last';
  readonly limit: number;
  readonly after: string | undefined;
  readonly before: string | undefined;
};

/** The largest `first` or `last`. */
export const maxPageSize = 100;
/** When neither is given. */
const usualPageSize = 50;

/** What a connection costs: what one entry costs, as often as it is asked for. */
export const pageComplexity = ({ first, last }: PageArgs) => ({
  field: 1,
  multiplier: first ?? last ?? usualPageSize,
});

/** Reads the arguments of a connection. Throws `BAD_USER_INPUT` for both ends at once or a size out of bounds. */
export function pageWanted({ first, after, last, before }: PageArgs, usualEnd: 'first' | 'last'): PageWanted {
  if (typeof first === 'number' && typeof last === 'number') {
    throw chatError('BAD_USER_INPUT', 'Give `first` or `last`, not both.');
  }
  const limit = first ?? last ?? usualPageSize;
  if (limit < 0 || limit > maxPageSize) {
    throw chatError('BAD_USER_INPUT', `\`first\` and \`last\` are from 0 to ${maxPageSize}.`);
  }
  const end = typeof last === 'number' ? 'last' : typeof first === 'number' ? 'first' : usualEnd;
  return { take: end, limit, after: after ?? undefined, before: before ?? undefined };
}

/** An entry of a list, at its place. An edge may say more of it. */
export type Edge<T> = { readonly cursor: string; readonly node: T };

/** A page as Relay wants it: https://relay.dev/graphql/connections.htm */
export type Page<T, E extends Edge<T> = Edge<T>> = {
  readonly edges: E[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

/** What lies around a page: more of what was asked for behind its open end, and anything beyond the cursor it began at. */
export type Around = {
  readonly hasMore: boolean;
  readonly isBeforeAfter: boolean;
  readonly isAfterBefore: boolean;
};

export function pageFrom<E extends Edge<unknown>>(
  edges: readonly E[],
  take: 'first' | 'last',
  { hasMore, isBeforeAfter, isAfterBefore }: Around,
): Page<E['node'], E> {
  return {
    edges: [...edges],
    pageInfo: {
      hasPreviousPage: take === 'last' ? hasMore : isBeforeAfter,
      hasNextPage: take === 'first' ? hasMore : isAfterBefore,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The cursor of an edge: opaque, and nothing that a person would be tempted to write. */
export const edgeCursor = (key: string) => Buffer.from(key).toString('base64url');

/** The key that an edge's cursor names. Throws `BAD_USER_INPUT` for what never was one. */
export function keyOfCursor(cursor: string, keyForm: RegExp): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (keyForm.test(key) && edgeCursor(key) === cursor) return key;
  throw chatError('BAD_USER_INPUT', '`after` and `before` take the `cursor` of an edge of this list.');
}

/**
 * A page of a list that is short enough to be at hand whole, sorted by `keyOf`. The key is what a cursor names, so a page goes
 * on at the right place also when the node it ended with is gone. Keys are ASCII.
 */
export function pageOfList<T>(
  list: readonly T[],
  args: PageArgs,
  { keyOf, keyForm }: { readonly keyOf: (node: T) => string; readonly keyForm: RegExp },
): Page<T> {
  const { take, limit, ...cursors } = pageWanted(args, 'first');
  const after = cursors.after === undefined ? undefined : keyOfCursor(cursors.after, keyForm);
  const before = cursors.before === undefined ? undefined : keyOfCursor(cursors.before, keyForm);
  const all = list.map((node) => ({ key: keyOf(node), node })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const inside = all.filter(
    ({ key }) => (after === undefined || key > after) && (before === undefined || key < before),
  );
  const taken = take === 'first' ? inside.slice(0, limit) : inside.slice(Math.max(0, inside.length - limit));
  const edges = taken.map(({ key, node }) => ({ cursor: edgeCursor(key), node }));
  return pageFrom(edges, take, {
    hasMore: inside.length > limit,
    isBeforeAfter: after !== undefined && all.some(({ key }) => key <= after),
    isAfterBefore: before !== undefined && all.some(({ key }) => key >= before),
  });
}
