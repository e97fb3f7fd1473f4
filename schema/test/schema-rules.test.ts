import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../errors.ts';
import { schema } from '../index.ts';
import { eventKinds } from '../stream/event.ts';
import { refusals } from '../verdict.ts';
import { fieldsOf, violationsOf } from './schema-rule.ts';
import { shapeRules } from './shape-rules.ts';
import { wordingRules } from './wording-rules.ts';

const root = join(import.meta.dirname, '..');
const allRules = [...wordingRules, ...shapeRules];

/** Per rule: a small schema that breaks it, and where. Roots without meaning are added. */
const offenders: { readonly [rule: string]: readonly (readonly [sdl: string, said: string])[] } = {
  'everything has a description': [
    ['type A { "A b." b: Int }', 'A has no description'],
    ['"An A." type A { b: Int }', 'A.b has no description'],
    ['"An A." type A { "A b." b(c: Int): Int }', 'A.b(c:) has no description'],
    ['"An A." input A { b: Int }', 'A.b has no description'],
    ['"An A." enum A { B }', 'A.B has no description'],
    ['"An A." enum A { " " B }', 'A.B has no description'],
    ['scalar A', 'A has no description'],
    ['directive @a on FIELD', '@a has no description'],
    ['"" type A { "A b." b: Int }', 'A has no description'],
  ],
  'names are written one way': [
    ['type chat_event { a: Int }', 'chat_event is not in PascalCase'],
    ['type A { created_at: Int }', 'A.created_at is not in camelCase'],
    ['type A { b(MaxCount: Int): Int }', 'A.b(MaxCount:) is not in camelCase'],
    ['enum A { tooLong }', 'A.tooLong is not in SCREAMING_SNAKE_CASE'],
  ],
  'instants are DateTime': [
    ['type A { createdAt: Float! }', 'A.createdAt is not a DateTime'],
    ['input A { until: String }', 'A.until is not a DateTime'],
  ],
  'positions are Position': [
    ['type A { lastNumber: Int! }', 'A.lastNumber is not a Position'],
    ['type A { b(ifRevision: Int): Int }', 'A.b(ifRevision:) is not a Position'],
  ],
  'a deprecation says since when': [
    ['type A { b: Int @deprecated(reason: "Use c.") }', 'A.b is deprecated without a date'],
    ['enum A { B @deprecated }', 'A.B is deprecated without a date'],
  ],
  'fields of one name on possible types of one interface or union have one type': [
    ['type A { b: Int } type B { b: String } union C = A | B', 'B.b is String, but A.b is Int'],
    ['type A { b: Int } type B { b: Int! } union C = A | B', 'B.b is Int!, but A.b is Int'],
    ['type A { b: [Int!] } type B { b: [Int] } union C = A | B', 'B.b is [Int], but A.b is [Int!]'],
    [
      'interface I { i: Int } type A implements I { i: Int b: Int } type B implements I { i: Int b: ID }',
      'B.b is ID, but A.b is Int',
    ],
    [
      'type A { b(c: Int): Int } type B { b(c: Int!): Int } union C = A | B',
      'B.b(c:) is Int!, but A.b(c:) is Int',
    ],
    ['type A { b: A } type B { b: B! } union C = A | B', 'B.b is an object!, but A.b is an object'],
    ['type A { b: Int } type B { b: B } union C = A | B', 'B.b is an object, but A.b is Int'],
    [
      'type X { d: Int } type Y { d: ID } type A { b: X } type B { b: Y } union C = A | B',
      'Y.d is ID, but X.d is Int',
    ],
  ],
  'a mutation takes one input and gives XPayload | Denied | InvalidInput': [
    ['extend type Mutation { sendIt(text: String): SendItResult! }', 'instead of (input: SendItInput!)'],
    [
      'extend type Mutation { sendIt(input: SendItInput): SendItResult! }',
      'instead of (input: SendItInput!)',
    ],
    ['extend type Mutation { sendIt(input: SendItInput!): SendItResult }', 'instead of SendItResult!'],
    ['extend type Mutation { sendIt(input: SendItInput!): SendItPayload! }', 'instead of SendItResult!'],
    [
      'union WaveItResult = SendItPayload | Denied extend type Mutation { waveIt(input: SendItInput!): WaveItResult! }',
      'answers SendItPayload | Denied instead of WaveItPayload | Denied | InvalidInput',
    ],
    [
      'extend union SendItResult = Other type Other { a: Int } extend type Mutation { sendIt(input: SendItInput!): SendItResult! }',
      'answers SendItPayload | Denied | InvalidInput | Other instead of',
    ],
    ['extend type Mutation { send(input: SendInput!): Int }', 'is not a verb with a noun'],
  ],
  'no mutation gives a Cursor': [
    [
      'scalar Cursor type V { c: Cursor } extend type SendItPayload { v: V } extend type Mutation { sendIt: SendItResult! }',
      'V.c can be selected below Mutation.sendIt',
    ],
  ],
  'connections are those of Relay': [
    [
      'type AConnection { edges: [AEdge]! pageInfo: PageInfo! } type AEdge { a: Int }',
      'AConnection has no `edges: [AEdge!]!`',
    ],
    ['type AConnection { nodes: [Int!]! }', 'AConnection has no `pageInfo: PageInfo!`'],
    ['type AConnection { a: Int } type AEdge { node: PageInfo! }', 'AEdge has no `cursor: String!`'],
    ['type AConnection { a: Int } type AEdge { node: PageInfo }', 'AEdge has no `node`'],
    [
      'type AConnection { a: Int } type B { as(offset: Int): AConnection! }',
      'B.as takes neither first/after',
    ],
  ],
  'a list is there, and so is each item': [
    ['type A { bs: [Int!] }', 'A.bs is [Int!]'],
    ['type A { bs: [Int]! }', 'A.bs is [Int]!'],
  ],
  'what hangs on an entity has an id': [
    ['type A { id: ID! b: B } type B { c: Int }', 'A.b is a B, which has no `id: ID!`'],
    ['type A { id: ID! bs: [B!]! } type B { id: ID }', 'A.bs is a B, which has no `id: ID!`'],
    [
      'type A { id: ID! b: B } type B { id: ID! c: C } type C { d: Int }',
      'B.c is a C, which has no `id: ID!`',
    ],
    [
      'interface I { c: Int } type A { id: ID! i: I } type B implements I { c: Int }',
      'A.i is a B, which has no',
    ],
    ['type A { id: ID! u: U } union U = B type B { c: Int }', 'A.u is a B, which has no `id: ID!`'],
    ['type Verdict { b: B } type B { id: ID! }', 'Verdict.b is a B inside a value'],
  ],
  'no field `message` is a text': [['type A { message: String! }', 'A.message is String!']],
  'an object inside an event may be null': [
    [
      'interface ChatEvent { at: Int } type A implements ChatEvent { at: Int b: PageInfo! }',
      'A.b is PageInfo!',
    ],
  ],
};

const base = `
  type Query { a: Int }
  type Mutation { a: Int }
  type PageInfo { hasNextPage: Boolean! }
  input SendItInput { a: Int }
  input SendInput { a: Int }
  type SendItPayload { a: Int }
  type Denied { code: String! }
  type InvalidInput { code: String! }
  union SendItResult = SendItPayload | Denied | InvalidInput
`;

describe('the public schema', () => {
  it.each(allRules)('$name', (rule) => {
    expect(violationsOf(rule, schema)).toEqual([]);
  });

  it('has a type for every kind of event in the log', () => {
    for (const kind of Object.keys(eventKinds)) {
      const name = kind.replaceAll(/(?:^|[.-])([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const type = schema.getType(name);
      expect(type, name).toSatisfy(isObjectType);
      expect(fieldsOf(type).map((field) => field.name)).toEqual(
        expect.arrayContaining(['eventId', 'cursor', 'at', 'channelId', 'channel']),
      );
    }
  });

  it('keeps each mutation in a file and a function of its own name', () => {
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    for (const { name } of fieldsOf(schema.getMutationType())) {
      const wanted = `/${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
      const file = files.find((path) => path.endsWith(wanted)) ?? '';
      expect(file, wanted).not.toBe('');
      const text = readFileSync(join(root, file), 'utf8');
      expect(text, file).toMatch(new RegExp(`^export (async function ${name}\\(|const ${name} = )`, 'm'));
    }
  });

  it('explains every code in words', () => {
    for (const [code, explanation] of Object.entries({ ...refusals, ...errorCatalogue })) {
      expect(code).toMatch(/^[A-Z][A-Z_]+$/);
      expect(explanation, code).toMatch(/^[A-Z].{10,}\.$/);
    }
  });

  it('publishes the codes of refusals as text, so that a new one breaks nobody', () => {
    const code = fieldsOf(schema.getType('UserError')).find((field) => field.name === 'code');
    expect(code && getNamedType(code.type).name).toBe('String');
  });
});

describe('a rule of the schema', () => {
  it('is proved able to fail, each one', () => {
    expect(Object.keys(offenders)).toEqual(allRules.map(({ name }) => name));
  });

  const cases = Object.entries(offenders).flatMap(([rule, found]) =>
    found.map(([sdl, said]) => ({ rule, sdl, said })),
  );
  it.each(cases)('"$rule" sees: $said', ({ rule: name, sdl, said }) => {
    const rule = allRules.find((found) => found.name === name);
    const before = rule ? violationsOf(rule, buildSchema(base)) : [];
    const after = rule ? violationsOf(rule, buildSchema(base + sdl)) : [];
    expect(after.filter((violation) => !before.includes(violation)).join('\n')).toContain(said);
    expect(after.join('\n')).toMatch(/Why not: .{20,}/);
  });
});
