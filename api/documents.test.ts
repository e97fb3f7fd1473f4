import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, createDocuments } from './documents.ts';
import { documentIdOf, type Manifest, readManifestAt } from './manifest.ts';
import { type ManifestFile, writeManifest } from './test/serving/manifest-file.ts';

const schema = buildSchema('type Query { a: Int b: Int }');
const options = { schema, isIntrospectionOpen: true };
const [known, several, other] = ['query Known { a }', 'query A { a } query B { b }', 'query Other { b }'];

let file: ManifestFile;
let manifest: Manifest;
beforeAll(async () => {
  file = await writeManifest([known, several]);
  manifest = readManifestAt(file.path, options);
});
afterAll(() => file.remove());

type Mode = 'none' | 'beside' | 'only';
function open(mode: Mode, bounds: { readonly maxDocuments?: number } = {}) {
  return createDocuments({
    ...options,
    ...bounds,
    manifest: mode === 'none' ? undefined : manifest,
    isManifestOnly: mode === 'only',
  });
}

/** The name of the operation that is found, or the code of the only error. */
function outcome(mode: Mode, asked: Asked): unknown {
  const found = open(mode).find(asked);
  if ('node' in found) return found.name;
  return found.length === 1 ? found[0]?.extensions.code : found;
}

const notFound = 'PERSISTED_DOCUMENT_NOT_FOUND';
const badInput = 'BAD_USER_INPUT';
const idOf = documentIdOf;
const bare = idOf(known).slice('sha256:'.length);
const made = `sha256:${'0'.repeat(64)}`;

describe('what a client asks for', () => {
  it.for<readonly [string, Asked, { readonly [M in Mode]: string }]>([
    ['a text of the manifest', { query: known }, { none: 'Known', beside: 'Known', only: 'Known' }],
    ['another text', { query: other }, { none: 'Other', beside: 'Other', only: notFound }],
    ['the same but for a space', { query: `${known} ` }, { none: 'Known', beside: 'Known', only: notFound }],
    ['no document', { query: '{' }, { none: badInput, beside: badInput, only: notFound }],
    ['nothing', {}, { none: badInput, beside: badInput, only: notFound }],
    ['an id', { documentId: idOf(known) }, { none: notFound, beside: 'Known', only: 'Known' }],
    [
      'an id and an empty text',
      { documentId: idOf(known), query: '' },
      { none: notFound, beside: 'Known', only: 'Known' },
    ],
    [
      'an id in an extension',
      { extensions: { documentId: idOf(known) } },
      { none: notFound, beside: 'Known', only: 'Known' },
    ],
    [
      'an id in both places',
      { documentId: idOf(known), extensions: { documentId: idOf(known) } },
      { none: notFound, beside: 'Known', only: 'Known' },
    ],
    ['an id without its prefix', { documentId: bare }, { none: notFound, beside: 'Known', only: 'Known' }],
    ['an id that nobody knows', { documentId: made }, { none: notFound, beside: notFound, only: notFound }],
    [
      'an id of another kind',
      { documentId: `x-own:${bare}` },
      { none: notFound, beside: notFound, only: notFound },
    ],
    [
      'an id in capitals',
      { documentId: idOf(known).toUpperCase() },
      { none: notFound, beside: notFound, only: notFound },
    ],
    ['an empty id', { documentId: '' }, { none: notFound, beside: notFound, only: notFound }],
    [
      'an id with its text',
      { documentId: idOf(known), query: known },
      { none: 'Known', beside: 'Known', only: 'Known' },
    ],
    [
      'an id of another text',
      { documentId: idOf(known), query: other },
      { none: badInput, beside: badInput, only: notFound },
    ],
    [
      'an unknown id with its text',
      { documentId: idOf(other), query: other },
      { none: 'Other', beside: 'Other', only: notFound },
    ],
    [
      'an unknown id with a text of the manifest',
      { documentId: made, query: known },
      { none: badInput, beside: badInput, only: notFound },
    ],
    [
      'two ids',
      { documentId: idOf(known), extensions: { documentId: made } },
      { none: badInput, beside: badInput, only: badInput },
    ],
    ['an id that is no text', { documentId: 7 }, { none: badInput, beside: badInput, only: badInput }],
    [
      'an id that is null',
      { documentId: null, query: known },
      { none: 'Known', beside: 'Known', only: 'Known' },
    ],
    [
      'one operation of an id',
      { documentId: idOf(several), operationName: 'B' },
      { none: notFound, beside: 'B', only: 'B' },
    ],
    [
      'no operation of an id',
      { documentId: idOf(several), operationName: 'C' },
      { none: notFound, beside: badInput, only: badInput },
    ],
    [
      'names of every object',
      { documentId: 'constructor', extensions: { toString: 1 } },
      { none: notFound, beside: notFound, only: notFound },
    ],
  ])('%s', ([, asked, expected]) => {
    for (const mode of ['none', 'beside', 'only'] as const)
      expect(outcome(mode, asked), mode).toBe(expected[mode]);
  });
});

describe('a document of the manifest', () => {
  it('is the same operation however it is asked for, and is not looked at again', () => {
    const documents = open('beside');
    const found = documents.find({ documentId: idOf(known) });
    expect(found).toHaveProperty('node');
    expect(documents.find({ query: known })).toBe(found);
    expect(documents.find({ documentId: idOf(known), query: known })).toBe(found);
    expect(documents.counts).toEqual({ checked: 0, remembered: 0 });
  });

  it('is never pushed out by what others send', () => {
    const documents = open('beside', { maxDocuments: 2 });
    const before = documents.find({ documentId: idOf(known) });
    for (let nth = 0; nth < 50; nth += 1) documents.find({ query: `query Number${nth} { a }` });
    expect(documents.counts).toEqual({ checked: 50, remembered: 2 });
    expect(documents.find({ documentId: idOf(known) })).toBe(before);
    expect(documents.counts.checked).toBe(50);
  });

  it('is all that is looked at where nothing else runs', () => {
    const documents = open('only');
    for (const query of ['{', '{ a }', '{ c }']) documents.find({ query });
    expect(documents.counts).toEqual({ checked: 0, remembered: 0 });
  });
});
