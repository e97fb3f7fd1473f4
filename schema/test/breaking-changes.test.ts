import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { asPublished, compatibilityOf } from '../compatibility.ts';
import { schema } from '../index.ts';
import { possibleTypesOf, sdlOf } from '../sdl.ts';
import { featureLevel, version } from '../server/version.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

describe('the printed schema', () => {
  it('is the one that runs (npm run schema:print)', () => {
    expect(read('schema/schema.graphql')).toBe(sdlOf(schema));
  });

  it('comes with the possible types of its interfaces and unions (npm run schema:print)', () => {
    expect(read('schema/possible-types.json')).toBe(possibleTypesOf(schema));
    const possibleTypes: Record<string, string[]> = JSON.parse(read('schema/possible-types.json'));
    expect(possibleTypes).toMatchObject({
      UserError: ['Denied', 'InvalidInput'],
      SignInResult: ['Denied', 'InvalidInput', 'SignInPayload'],
    });
    expect(Object.keys(possibleTypes)).toEqual(Object.keys(possibleTypes).toSorted());
  });

  it('is a complete schema that says where its scalars are specified', () => {
    const printed = buildSchema(read('schema/schema.graphql'));
    expect(Object.keys(printed.getQueryType()?.getFields() ?? {})).toContain('server');
    expect(read('schema/schema.graphql')).toContain('scalar DateTime @specifiedBy(url: "https://');
  });

  it('shows what an input union, a scalar and a deprecation are', () => {
    const sdl = `
      input Place @oneOf { date: String id: ID }
      type Query { a(place: Place): S @deprecated(reason: "2026-11-23: use b.") }
      scalar S @specifiedBy(url: "https://example.org/s")`;
    for (const kept of ['@oneOf', '@specifiedBy(url:', '@deprecated(reason:'])
      expect(sdlOf(buildSchema(sdl))).toContain(kept);
  });
});

describe('the published schema', () => {
  it('is kept by the schema of now, or every break is acknowledged in CHANGELOG.md', async ({ annotate }) => {
    // Missing or empty, it must not pass: reading or parsing it then fails.
    expect(existsSync(join(import.meta.dirname, 'published.graphql'))).toBe(true);
    const { problems, notices } = compatibilityOf({
      published: read('schema/test/published.graphql'),
      current: sdlOf(schema),
      featureLevel,
      changelog: read('CHANGELOG.md'),
    });
    for (const notice of notices) await annotate(`Clients may notice: ${notice}`, 'notice');
    expect(problems).toEqual([]);
  });

  it('belongs to the release that package.json and CHANGELOG.md name', () => {
    expect(JSON.parse(read('package.json'))).toMatchObject({ version });
    expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm'));
  });
});

const sdl =
  'type Query { channel(id: ID!): Channel me: Int } type Channel { name: String label: String! kind: Kind } enum Kind { GROUP }';
const published = asPublished(sdl, 3);
const changelog = '# Changes\n\n## 0.3.0 · feature level 4\n\nMore.\n\n## 0.2.0 · feature level 3\n\nSome.\n';
const step = { published, current: sdl, featureLevel: 3, changelog };

describe('the gate', () => {
  it('lets the same schema pass, reworded or not', () => {
    expect(compatibilityOf(step)).toEqual({ problems: [], notices: [] });
    const reworded = sdl.replace('me: Int', '"My number." me: Int');
    expect(compatibilityOf({ ...step, current: reworded }).problems).toEqual([]);
  });

  it.each([
    ['a field that is gone', sdl.replace('me: Int', ''), 'Query.me was removed.'],
    [
      'a type that is gone',
      sdl.replace('kind: Kind', '').replace('enum Kind { GROUP }', ''),
      'Kind was removed.',
    ],
    [
      'a field that may be null now',
      sdl.replace('String!', 'String'),
      'Channel.label changed type from String! to String.',
    ],
    [
      'another type',
      sdl.replace('name: String', 'name: Int'),
      'Channel.name changed type from String to Int.',
    ],
    [
      'an argument that is wanted now',
      sdl.replace('me: Int', 'me(a: Int!): Int'),
      'A required arg a on Query.me was added.',
    ],
    ['a value that is gone', sdl.replace('GROUP', 'DIRECT'), 'GROUP was removed from enum type Kind.'],
  ])('sees %s', (_, current, broken) => {
    const { problems } = compatibilityOf({ ...step, current, featureLevel: 4 });
    expect(problems).toContainEqual(expect.stringContaining(`\`- Breaking: ${broken}\``));
  });

  it('lets a break pass that is acknowledged for a later feature level, and only there', () => {
    const current = sdl.replace('me: Int', '');
    const told = changelog.replace('More.', '- Breaking: Query.me was removed.');
    expect(compatibilityOf({ ...step, current, featureLevel: 4, changelog: told }).problems).toEqual([]);
    const toldBefore = changelog.replace('Some.', '- Breaking: Query.me was removed.');
    expect(
      compatibilityOf({ ...step, current, featureLevel: 4, changelog: toldBefore }).problems,
    ).toHaveLength(1);
  });

  it('refuses an acknowledgement of what did not happen', () => {
    const told = changelog.replace('More.', '- Breaking: Query.me was removed.');
    const { problems } = compatibilityOf({ ...step, featureLevel: 4, changelog: told });
    expect(problems).toEqual(['CHANGELOG.md speaks of a break that is none: Query.me was removed.']);
  });

  it('wants a new feature level and its section for any change', () => {
    const current = sdl.replace('me: Int', 'me: Int mine: Int');
    expect(compatibilityOf({ ...step, current }).problems).toEqual([
      expect.stringContaining('raise it in schema/server'),
    ]);
    expect(compatibilityOf({ ...step, current, featureLevel: 4 }).problems).toEqual([]);
    expect(compatibilityOf({ ...step, current, featureLevel: 5 }).problems).toEqual([
      'CHANGELOG.md has no section for feature level 5.',
    ]);
    expect(
      compatibilityOf({ ...step, featureLevel: 2, changelog: `${changelog}\n## 0.1.0 · feature level 2` })
        .problems,
    ).toEqual(['Feature level 3 has been published: it cannot sink.']);
  });

  it('lists what old clients may notice, without failing', () => {
    const current = sdl.replace('GROUP', 'GROUP DIRECT');
    const { problems, notices } = compatibilityOf({ ...step, current, featureLevel: 4 });
    expect(problems).toEqual([]);
    expect(notices).toEqual(['DIRECT was added to enum type Kind.']);
  });

  it('does not pass when there is nothing to compare with', () => {
    expect(compatibilityOf({ ...step, published: printSchema(buildSchema(sdl)) }).problems).toHaveLength(1);
    expect(() => compatibilityOf({ ...step, published: asPublished('', 3) })).toThrow();
  });
});
