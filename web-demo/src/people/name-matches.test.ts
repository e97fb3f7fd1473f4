import { describe, expect, it } from 'vitest';
import { nameMatches } from './name-matches.ts';

const zoe = { displayName: 'Zoë Krämer', handle: 'zkr' };

describe('a filter of people', () => {
  it.for([
    ['', true],
    ['zoe', true],
    ['KRAMER zoë', true],
    ['zkr', true],
    ['zoe bo', false],
  ] as const)('“%s” leaves Zoë Krämer in: %s', ([text, isIn]) => expect(nameMatches(text)(zoe)).toBe(isIn));
});
