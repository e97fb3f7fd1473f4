import { describe, expect, it } from 'vitest';
import { initialsOf } from './initials.ts';

describe('the letters of a picture', () => {
  it.each([
    ['Alice', 'A'],
    ['carol danvers', 'CD'],
    ['  Zoë  M.  Müller ', 'ZM'],
    ['e\u0301lodie', 'É'.normalize('NFD')],
    ['👩‍👩‍👧 Fox', '👩‍👩‍👧F'],
    ['יעל כהן', 'יכ'],
    ['', '?'],
    [' ', '?'],
  ])('of %j are %j', (name, letters) => {
    expect(initialsOf(name)).toBe(letters);
  });
});
