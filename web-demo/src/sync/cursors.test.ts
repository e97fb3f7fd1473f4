import { describe, expect, it } from 'vitest';
import { keepCursors } from './cursors.ts';

describe('The list of cursors', () => {
  it('grows by the cursor of each event', () => {
    const cursors = keepCursors();
    cursors.begin(['first']);
    cursors.take({ __typename: 'MessageSent', cursor: 'a' });
    cursors.take({ __typename: 'SomethingOfALaterRelease', cursor: 'b' });
    expect(cursors.all()).toEqual(['first', 'a', 'b']);
  });

  it.for(['CaughtUp', 'Checkpoint'])('is replaced by that of a %s', (__typename) => {
    const cursors = keepCursors();
    cursors.begin(['first', 'a']);
    cursors.take({ __typename, cursor: 'whole' });
    expect(cursors.all()).toEqual(['whole']);
  });

  it('that was given out does not change afterwards', () => {
    const cursors = keepCursors();
    const before = cursors.all();
    cursors.take({ __typename: 'MessageSent', cursor: 'a' });
    expect(before).toEqual([]);
  });
});
