import { describe, expect, it } from 'vitest';
import {
  checkColour,
  checkDisplayName,
  checkHandle,
  checkPassword,
  displayNameOf,
  handleKeyOf,
} from './account.policy.ts';
import { colourOf, contrastsOf } from './colour.ts';

const x = (count: number, character = 'x') => character.repeat(count);

describe('a handle', () => {
  it.for([
    ['ada', undefined],
    ['Ada.L_1-x', undefined],
    ['007', undefined],
    [x(32), undefined],
    ['', 'EMPTY'],
    ['ab', 'MALFORMED'],
    [x(33), 'TOO_LONG'],
    ['_ada', 'MALFORMED'],
    ['.ada', 'MALFORMED'],
    ['-ada', 'MALFORMED'],
    ['ada lovelace', 'MALFORMED'],
    ['ada\n', 'MALFORMED'],
    ['ada\u0000', 'MALFORMED'],
    ['аda', 'MALFORMED'], // the first letter is Cyrillic
    ['ädä', 'MALFORMED'],
    [' ada', 'MALFORMED'],
  ] as const)('%j: %s', ([handle, code]) => {
    expect(checkHandle(handle)?.code).toBe(code);
    if (code) expect(checkHandle(handle)?.field).toEqual(['handle']);
  });

  it('is the same whatever its case', () => {
    expect(handleKeyOf('Ada.L')).toBe(handleKeyOf('aDA.l'));
  });
});

describe('a display name', () => {
  it.for([
    ['Ada', undefined],
    ['  Ada Lovelace  ', undefined],
    ['Ädä 李 👩‍👩‍👧', undefined],
    [x(64), undefined],
    [x(64, '👍'), undefined],
    [`  ${x(64)}  `, undefined],
    ['', 'EMPTY'],
    [' \t\n ', 'EMPTY'],
    [x(65), 'TOO_LONG'],
    [x(65, '👍'), 'TOO_LONG'],
    ['Ada\nLovelace', 'MALFORMED'],
    ['Ada\u0000', 'MALFORMED'],
    ['Ada\u2028Lovelace', 'MALFORMED'],
    ['Ada \u202elacisrever', 'MALFORMED'],
    ['half of a \ud83d character', 'MALFORMED'],
  ] as const)('%j: %s', ([displayName, code]) => {
    expect(checkDisplayName(displayName)?.code).toBe(code);
    if (code) expect(checkDisplayName(displayName)?.field).toEqual(['displayName']);
  });
});

it('keeps a display name without white space around it, and each character written in one way', () => {
  expect(displayNameOf('  Zoe\u0308  ')).toBe('Zo\u00eb');
});

describe('a password', () => {
  it.for([
    [x(8), undefined],
    [x(200), undefined],
    [x(200, '👍'), undefined],
    ['        ', undefined],
    ['', 'EMPTY'],
    [x(7), 'MALFORMED'],
    [x(7, '👍'), 'MALFORMED'],
    [x(201), 'TOO_LONG'],
  ] as const)('%j: %s', ([password, code]) => {
    expect(checkPassword(password)?.code).toBe(code);
    if (code) expect(checkPassword(password)?.field).toEqual(['password']);
    if (code) expect(checkPassword(password, 'newPassword')?.field).toEqual(['newPassword']);
  });
});

describe('a colour', () => {
  const handles = Array.from({ length: 2_000 }, (_, index) => `person-${index}`);
  it('can be read on white and on black, whoever it is for (WCAG AA: a contrast of 4.5)', () => {
    for (const colour of handles.map(colourOf)) {
      expect(colour).toMatch(/^#[0-9a-f]{6}$/);
      expect(contrastsOf(colour).white, colour).toBeGreaterThanOrEqual(4.5);
      expect(contrastsOf(colour).black, colour).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('is always the same for one handle, and tells people apart', () => {
    expect(colourOf('ada')).toBe(colourOf('ada'));
    expect(new Set(handles.map(colourOf)).size).toBeGreaterThan(1_000);
  });
});

describe('a chosen colour', () => {
  it.for([
    ['#8e44ad', undefined],
    ['#8E44AD', undefined],
    ['#ff0000', undefined],
    ['#2980b9', undefined],
    ['#949494', undefined], // a contrast of 3.03 to white
    ['#959595', 'MALFORMED'], // 2.99
    ['#5a5a5a', undefined], // 3.04 to black
    ['#595959', 'MALFORMED'], // 2.998
    ['#ffffff', 'MALFORMED'],
    ['#000000', 'MALFORMED'],
    ['', 'EMPTY'],
    ['#fff', 'MALFORMED'],
    ['8e44ad', 'MALFORMED'],
    ['#8e44ad00', 'MALFORMED'],
    ['#8e44ad\n', 'MALFORMED'],
    ['#8e44ag', 'MALFORMED'],
    ['red', 'MALFORMED'],
    ['url(x)', 'MALFORMED'],
  ] as const)('%j: %s', ([colour, code]) => {
    expect(checkColour(colour)?.code).toBe(code);
    if (code) expect(checkColour(colour)?.field).toEqual(['colour']);
  });

  it('may be any that is generated', () => {
    for (const colour of ['ada', 'bob', 'eve'].map(colourOf)) expect(checkColour(colour)).toBeUndefined();
  });
});
