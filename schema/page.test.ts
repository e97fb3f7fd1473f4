import { describe, expect, it } from 'vitest';
import { edgeCursor, type PageArgs, pageOfList, pageWanted } from './page.ts';

const letters = ['c', 'a', 'e', 'b', 'd'];
const form = { keyOf: (letter: string) => letter, keyForm: /^[a-z]$/ };
const cursor = (letter: string) => edgeCursor(letter);

/** The letters of a page, with `<` or `>` where there is more. */
function page(args: PageArgs, list: readonly string[] = letters): string {
  const { edges, pageInfo } = pageOfList(list, args, form);
  expect(edges.map((edge) => edge.cursor)).toEqual(edges.map(({ node }) => cursor(node)));
  expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
  const nodes = edges.map(({ node }) => node).join('');
  return `${pageInfo.hasPreviousPage ? '<' : ''}${nodes}${pageInfo.hasNextPage ? '>' : ''}`;
}
const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(cursor) as [string, string, string, string, string];

describe('a page of a list', () => {
  it.for([
    [{}, 'abcde'],
    [{ first: 2 }, 'ab>'],
    [{ first: 5 }, 'abcde'],
    [{ first: 100 }, 'abcde'],
    [{ first: 2, after: b }, '<cd>'],
    [{ first: 2, after: c }, '<de'],
    [{ first: 2, after: e }, '<'],
    [{ first: 0 }, '>'],
    [{ first: 0, after: e }, '<'],
    [{ after: b }, '<cde'],
    [{ before: d }, 'abc'],
    [{ last: 2 }, '<de'],
    [{ last: 5 }, 'abcde'],
    [{ last: 2, before: d }, '<bc>'],
    [{ last: 2, before: c }, 'ab>'],
    [{ last: 2, before: a }, '>'],
    [{ last: 0 }, '<'],
    // Between two cursors: a gap to be filled. What lies beyond the far one is not "more".
    [{ first: 1, after: a, before: e }, '<b>'],
    [{ first: 3, after: a, before: e }, '<bcd'],
    [{ last: 1, after: a, before: e }, '<d>'],
    [{ last: 3, after: a, before: e }, 'bcd>'],
    [{ first: 2, after: d, before: b }, '<'],
    // Null is what a client sends for a variable it did not set.
    [{ first: null, last: null, after: null, before: null }, 'abcde'],
    [{ first: null, last: 2 }, '<de'],
  ] as const)('%j: %s', ([args, expected]) => {
    expect(page(args)).toBe(expected);
  });

  it('goes on where it ended, also when the node it ended with is gone', () => {
    const left = letters.filter((letter) => letter !== 'b');
    expect(page({ first: 2, after: b }, left)).toBe('<cd>');
    expect(page({ last: 2, before: b }, left)).toBe('a>');
  });

  it('has at most 100 entries, and 50 when nobody says', () => {
    const many = Array.from({ length: 120 }, (_, index) => String(1_000 + index));
    const sizeOf = (args: PageArgs) =>
      pageOfList(many, args, { keyOf: (key) => key, keyForm: /^\d+$/ }).edges.length;
    expect([sizeOf({}), sizeOf({ first: 100 }), sizeOf({ last: 100 })]).toEqual([50, 100, 100]);
  });

  it.for([
    [{ first: 101 }],
    [{ last: 101 }],
    [{ first: -1 }],
    [{ last: -1 }],
    [{ first: 1, last: 1 }],
    [{ after: 'not one of ours' }],
    [{ after: 'a' }],
    [{ before: cursor('A') }],
    [{ before: `${a}=` }],
    [{ after: '' }],
  ] as const)('refuses %j', ([args]) => {
    expect(() => page(args)).toThrow(expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }));
  });

  it('begins at the end that a list is read from when nobody says', () => {
    expect(pageWanted({}, 'last')).toMatchObject({ take: 'last', limit: 50 });
    expect(pageWanted({}, 'first')).toMatchObject({ take: 'first', limit: 50 });
    expect(pageWanted({ first: 3 }, 'last')).toMatchObject({ take: 'first', limit: 3 });
  });
});
