// region cursors
/** The whole rule: append the cursor of each event; that of a `CaughtUp` or `Checkpoint` replaces them all. */
export function keepCursors(first: string) {
  let cursors: readonly string[] = [first];
  return {
    all: () => cursors,
    take({ __typename, cursor }: { readonly __typename: string; readonly cursor: string }) {
      const isComplete = __typename === 'CaughtUp' || __typename === 'Checkpoint';
      cursors = isComplete ? [cursor] : [...cursors, cursor];
    },
  };
}
// endregion
