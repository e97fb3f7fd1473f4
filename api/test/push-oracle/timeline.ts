/**
 * What was so when, as somebody outside can know it: a change is asked for at one time and answered at another, and happens somewhere
 * between. Times in milliseconds, all from one clock.
 */
export type Timeline<T> = {
  /** What is so from the beginning. */
  readonly first: T;
  readonly changes: Change<T>[];
};

/** `to`: Infinity while nobody knows whether it happened. */
export type Change<T> = { readonly value: T; readonly from: number; readonly to: number };

export const timelineOf = <T>(first: T): Timeline<T> => ({ first, changes: [] });

/** Everything that may have been so at some moment of this span. Whoever records changes of one thing asks for one after another. */
export function possible<T>({ first, changes }: Timeline<T>, { from, to }: Span): ReadonlySet<T> {
  const found = new Set<T>();
  // What was certainly over before counts no more, but for the newest of it.
  const settled = changes.findLastIndex((change) => change.to <= from);
  const newest = changes[settled];
  found.add(newest === undefined ? first : newest.value);
  for (const change of changes.slice(settled + 1)) if (change.from <= to) found.add(change.value);
  return found;
}

/** Was it certainly one of these, all the time? */
export const isCertainly = <T>(timeline: Timeline<T>, during: Span, ...values: readonly T[]): boolean =>
  [...possible(timeline, during)].every((value) => values.includes(value));

/** Both ends included. */
export type Span = { readonly from: number; readonly to: number };

/** Of what only grows: the smallest that it may have been in this span. Its changes may have overlapped. */
export const leastIn = ({ first, changes }: Timeline<number>, { from }: Span): number =>
  Math.max(first, ...changes.filter((change) => change.to <= from).map(({ value }) => value));
/** Of what only grows: the largest that it may have been in this span. */
export const mostIn = ({ first, changes }: Timeline<number>, { to }: Span): number =>
  Math.max(first, ...changes.filter((change) => change.from <= to).map(({ value }) => value));
