import { type GraphQLInputType, isEnumType, isInputObjectType, isListType } from 'graphql';

/** As a client sends it: a key of this name is one like any other in JSON. */
const withProto: unknown = JSON.parse(
  '{ "__proto__": { "isAdmin": true }, "constructor": { "prototype": {} } }',
);
const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
const deepObject = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

/** Of no type, or of any. */
const anywhere: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  '',
  ' ',
  'x',
  '\u0000',
  '__proto__',
  'constructor',
  [],
  [null],
  [[['x']]],
  {},
  withProto,
  deep(30_000),
  deepObject(8_000),
];
const texts: readonly unknown[] = [
  'a\u0000b',
  '\ud800',
  'a\udfffb',
  '\ud83d\ude00'.repeat(3_000),
  '\u202egnp.exe',
  '\u200b',
  '\r\n\t',
  "'; DROP TABLE user_account; --",
  '%_\\',
  '{{7*7}}',
  '\u0301'.repeat(2_000),
  'x'.repeat(1_000_000),
  '\u0007\u001b[31m',
  'NaN',
  'null',
  '\ufeff',
  '\uffff',
];
const ids: readonly unknown[] = [
  1,
  '1',
  'usr0',
  'usr1',
  'chn1',
  'msg1.00000000001',
  'msg1.vvvvvvvvvvv',
  'mbr1',
  'dev1',
  'viw1',
  'vst1',
  'ses1',
  'cab1',
  'uab1',
  'set1',
  'mab1.00000000001',
  `chn${'v'.repeat(12)}`,
  `chn${'v'.repeat(13)}`,
  `usr${'v'.repeat(12)}`,
  `mbr${'v'.repeat(12)}`,
  `dev${'v'.repeat(12)}`,
  `msg${'v'.repeat(12)}.${'v'.repeat(11)}`,
  'msg0.00000000000',
  'usr-1',
  'usr01',
  'chn1|usr1',
  'usr*',
  'x'.repeat(1_000_000),
];
const numbers: readonly unknown[] = [
  1,
  2,
  24,
  25,
  26,
  100,
  101,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_648,
  2 ** 53 - 1,
  -(2 ** 53),
  1e308,
  -0,
  'NaN',
  '1',
  'Infinity',
  '1e999',
];
const instants: readonly unknown[] = [
  '2020-01-01T00:00:00.000Z',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13T00:00:00.000Z',
  '-271821-04-20T00:00:00.000Z',
  '2020-02-30T00:00:00Z',
  '2020-13-01T00:00:00Z',
  '2020-01-01',
  'now',
  '1969-12-31T23:59:59.999Z',
  '2020-01-01T24:00:00Z',
  1_700_000_000_000,
  '2020-01-01T00:00:60Z',
  '2020-01-01T00:00:00.000000000000001Z',
  '2020-01-01T00:00:00+23:59',
];
const cursors: readonly unknown[] = [
  'AQ',
  'AQMB',
  'AQEBAQEAAAAA',
  'A'.repeat(65_536),
  'A'.repeat(65_537),
  '____',
  'bjE',
  'bjA',
  'bjk5OTk5OTk5OTk5OTk5OQ',
  'bi0x',
  'ab+/',
  'ab==',
  'ä',
];

const ofScalar: Readonly<Record<string, readonly unknown[]>> = {
  String: [...texts, ...cursors],
  ID: [...ids, ...texts],
  Int: numbers,
  Boolean: ['true', 1, 'yes'],
  Position: numbers,
  DateTime: instants,
  Cursor: [...cursors, ...texts],
  URL: [...texts, 'javascript:alert(1)', 'http://[::1', 'http://127.0.0.1:99999/'],
};

/** What to try where this type is wanted. A scalar that nobody has thought about is an error. */
export function hostileValues(type: GraphQLInputType): readonly unknown[] {
  if (isInputObjectType(type)) return [...anywhere, { unknown: 1 }, 'text'];
  if (isListType(type)) return [...anywhere, ['x', null], Array.from({ length: 2_000 }, () => 'x')];
  if (isEnumType(type))
    return [...anywhere, 'NOBODY', type.getValues()[0]?.name.toLowerCase(), type.getValues()];
  const values = ofScalar[String(type)];
  if (values === undefined) throw new Error(`Say in hostile-values.ts what to try as a ${String(type)}.`);
  return [...anywhere, ...values];
}
