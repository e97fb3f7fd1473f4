import { describe, expect, it } from 'vitest';
import { soughtIn } from './search-text.ts';

describe('the words of a search', () => {
  it.for([
    ['ada', "'ada':*"],
    [' ada  love ', "'ada':* & 'love':*"],
    ["o'b", "('o''b':* | 'o':* & 'b':*)"],
    ['a\\b', "('a\\\\b':* | 'a':* & 'b':*)"],
    ["\\'", "'\\\\''':*"],
    ['&', "'&':*"],
    ['!(a|b)', "('!(a|b)':* | 'a':* & 'b':*)"],
    ['foo.bar x', "('foo.bar':* | 'foo':* & 'bar':*) & 'x':*"],
    ['e\u0301', "'é':*"],
    ['李', "'李':*"],
  ] as const)('%j: %s', ([text, words]) => {
    expect(soughtIn(text).words).toBe(words);
  });
});

describe('the handles of a search', () => {
  it.for([
    ['a', { from: 'a', to: 'b' }],
    ['ADA', { from: 'ada', to: 'adb' }],
    ['z', { from: 'z', to: '{' }],
    ['a.', { from: 'a.', to: 'a/' }],
    ['a_', { from: 'a_', to: 'a`' }],
    ['9', { from: '9', to: ':' }],
    ['x'.repeat(32), { from: 'x'.repeat(32), to: `${'x'.repeat(31)}y` }],
    ['x'.repeat(33), undefined],
    ['_a', undefined],
    ['a b', undefined],
    ['a%', undefined],
    ['ä', undefined],
  ] as const)('%j: %j', ([text, handles]) => {
    expect(soughtIn(text).handles).toEqual(handles);
  });
});
