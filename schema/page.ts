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

/** A page as Relay wants it: https://relay.dev/graphql/connections.htm */
export type Page<T> = {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

export function pageFrom<T>(
  nodes: readonly T[],
  cursorOf: (node: T) => string,
  more: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean },
): Page<T> {
  const edges = nodes.map((node) => ({ cursor: cursorOf(node), node }));
  const startCursor = edges[0]?.cursor ?? null;
  return { edges, pageInfo: { ...more, startCursor, endCursor: edges.at(-1)?.cursor ?? null } };
}

/**
 * A page of a list that is short enough to be at hand whole. `keyOf` sorts like the list does and is the edge's cursor, so
 * a page goes on at the right place also when the node it ended with is gone.
 */
export function pageOfList<T>(
  list: readonly T[],
  args: PageArgs,
  {
    keyOf,
    compare,
  }: { readonly keyOf: (node: T) => string; readonly compare: (a: string, b: string) => number },
): Page<T> {
  const { take, limit, after, before } = pageWanted(args, 'first');
  const inside = list.filter((node) => {
    const key = keyOf(node);
    return (
      (after === undefined || compare(key, after) > 0) && (before === undefined || compare(key, before) < 0)
    );
  });
  const nodes = take === 'first' ? inside.slice(0, limit) : inside.slice(Math.max(0, inside.length - limit));
  const firstNode = nodes[0];
  const lastNode = nodes.at(-1);
  return pageFrom(nodes, keyOf, {
    hasPreviousPage: firstNode === undefined ? false : list[0] !== firstNode,
    hasNextPage: lastNode === undefined ? false : list.at(-1) !== lastNode,
  });
}
