/** What a client has to remember of the stream, in whole: pass `all()` as `after`, and it goes on where it was. */
export type Cursors = {
  all(): readonly string[];
  /** To be called when the event has been taken in, so that what is lost before comes again. */
  take(event: { readonly __typename: string; readonly cursor: string }): void;
  /** Begins anew, from a `syncCursor` or from what was kept. */
  begin(list: readonly string[]): void;
};

export function keepCursors(): Cursors {
  let cursors: readonly string[] = [];
  return {
    all: () => cursors,
    take({ __typename, cursor }) {
      const isComplete = __typename === 'CaughtUp' || __typename === 'Checkpoint';
      cursors = isComplete ? [cursor] : [...cursors, cursor];
    },
    begin: (list) => {
      cursors = list;
    },
  };
}
