import { createHash } from 'node:crypto';
import { buildSchema } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { isStartError } from '../prisma/start-error.ts';
import { documentIdOf, type Manifest, readManifest, readManifestAt } from './manifest.ts';
import { type ManifestFile, writeManifest, writeManifestOf } from './test/serving/manifest-file.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const schema = buildSchema('type Query { a: Int b: Int } type Mutation { signIn: Int signOut: Int }');
const hex = (text: string) => createHash('sha256').update(text).digest('hex');

async function read(file: ManifestFile | Promise<ManifestFile>, isIntrospectionOpen = true) {
  const { path, remove } = await file;
  closers.push(remove);
  return readManifestAt(path, { schema, isIntrospectionOpen });
}

/** The lines that reading ends in, the name of the file taken out. */
async function problemsOf(content: string, isIntrospectionOpen?: boolean): Promise<string[]> {
  const file = await writeManifestOf(content);
  const failure: unknown = await read(file, isIntrospectionOpen).catch((error: unknown) => error);
  if (!isStartError(failure)) throw failure;
  return failure.message.replaceAll(file.path, 'FILE').split('\n');
}
const problemsOfEntries = async (entries: object, isOpen?: boolean) =>
  (await problemsOf(JSON.stringify(entries), isOpen)).slice(1);

describe('a manifest', () => {
  it('has documents by their ids, with all operations in them', async () => {
    const text = 'query A { ...F } query B { b } fragment F on Query { a }';
    const { texts, documents } = await read(writeManifest([text, '{ a }']));
    expect([...texts]).toEqual([
      [documentIdOf(text), text],
      [`sha256:${hex('{ a }')}`, '{ a }'],
    ]);
    expect([...(documents.get(text)?.operations.keys() ?? [])]).toEqual(['A', 'B']);
  });

  it('may leave the prefix of its ids out, and say a document with and without it', async () => {
    const plain = JSON.stringify({ [hex('{ a }')]: '{ a }', [`sha256:${hex('{ a }')}`]: '{ a }' });
    expect([...(await read(writeManifestOf(plain))).texts]).toEqual([[documentIdOf('{ a }'), '{ a }']]);
  });

  it('is as code generation writes it: this one is by the client preset 6.2', async () => {
    const written = `{
      "sha256:cf540d37b1bf7596f80a1d7cf0e175e895c5e4726559dabb826b45409b9cd33a": "fragment P on Viewer { id } query A { viewer { ...P } }"
    }`;
    const { path, remove } = await writeManifestOf(written);
    closers.push(remove);
    const like = buildSchema('type Query { viewer: Viewer } type Viewer { id: ID! }');
    expect(readManifestAt(path, { schema: like, isIntrospectionOpen: false }).texts.size).toBe(1);
  });

  it('that is wrong names every problem, a line for each', async () => {
    const [unknown, broken, dear] = ['{ c }', '{', 'mutation { signIn signOut }'];
    const long = `{ a } # ${'x'.repeat(20_000)}`;
    const idOf = (text: string) => `sha256:${hex(text)}`;
    const given = {
      [idOf('{ a }')]: '{ a }',
      [idOf('{ b }')]: '{ a }',
      [`sha1:${'0'.repeat(40)}`]: '{ a }',
      ['k'.repeat(500)]: 7,
      [idOf(unknown)]: unknown,
      [idOf(broken)]: broken,
      [idOf(dear)]: dear,
      [idOf(long)]: long,
      [idOf('fragment F on Query { a }')]: 'fragment F on Query { a }',
      [idOf('')]: '',
    };
    const notItsHash = `is not the SHA-256 of its text: that is ${idOf('{ a }')} (in code generation, hashAlgorithm: 'sha256').`;
    expect(await problemsOf(JSON.stringify(given))).toEqual([
      'The documents in FILE need correcting:',
      `- ${idOf('{ b }')} ${notItsHash}`,
      `- sha1:${'0'.repeat(40)} ${notItsHash}`,
      `- ${'k'.repeat(80)}… has no text.`,
      `- ${idOf(unknown)} cannot run: Cannot query field "c" on type "Query". Did you mean "a" or "b"?`,
      `- ${idOf(broken)} cannot run: Syntax Error: Expected Name, found <EOF>.`,
      `- ${idOf(dear)} cannot run: An operation with something beside a mutation that looks at a secret is refused.`,
      `- ${idOf(long)} cannot run: A document has at most 16384 bytes.`,
      `- ${idOf('fragment F on Query { a }')} cannot run: Fragment "F" is never used.`,
      `- ${idOf('')} cannot run: Syntax Error: Unexpected <EOF>.`,
    ]);
  });

  it('reads the schema only where clients may', async () => {
    const text = '{ __schema { queryType { name } } }';
    const given = { [documentIdOf(text)]: text };
    expect((await read(writeManifest([text]))).texts.size).toBe(1);
    expect((await problemsOfEntries(given, false)).join()).toContain(
      'GraphQL introspection has been disabled',
    );
  });

  it.for([
    ['no JSON', '{', 'holds no JSON object of texts by ids'],
    ['a list', '[]', 'holds no JSON object of texts by ids'],
    ['null', 'null', 'holds no JSON object of texts by ids'],
    ['a text', '"text"', 'holds no JSON object of texts by ids'],
    ['nothing', '{}', 'has no documents'],
    ['too much', `{ "a": "${' '.repeat(8_000_000)}" }`, 'is longer than 8 MB'],
  ] as const)('cannot be %s', async ([, content, words]) => {
    const [line, ...more] = await problemsOf(content);
    expect(line).toContain(`PERSISTED_DOCUMENTS names FILE, which ${words}`);
    expect(more).toEqual([]);
  });

  it('must be there', () => {
    const options = { schema, isIntrospectionOpen: true };
    expect(() => readManifestAt('/nowhere/a.json', options)).toThrow(
      'PERSISTED_DOCUMENTS names /nowhere/a.json, which cannot be read: correct the path or its permissions.',
    );
  });
});

describe('the documents of a server', () => {
  const [own, built] = ['query Own { server { version } }', 'query Built { server { __typename } }'];
  const fileOf = async (...texts: readonly string[]) => {
    const { path, remove } = await writeManifest(texts);
    closers.push(remove);
    return path;
  };
  const namesOf = (manifest: Manifest | undefined) =>
    [...(manifest?.documents.values() ?? [])].flatMap(({ operations }) => [...operations.keys()]).sort();

  it('are those of the settings, and those of the web demo where it is served', async () => {
    const config = { PERSISTED_DOCUMENTS: await fileOf(own, built), INTROSPECTION: false };
    const none = { ...config, PERSISTED_DOCUMENTS: undefined };
    const webDemo = { documents: await fileOf(built, 'query More { server { featureLevel } }') };
    expect(readManifest(none)).toBeUndefined();
    expect(namesOf(readManifest(config))).toEqual(['Built', 'Own']);
    expect(namesOf(readManifest(none, webDemo))).toEqual(['Built', 'More']);
    const both = readManifest(config, webDemo);
    expect(namesOf(both)).toEqual(['Built', 'More', 'Own']);
    for (const [id, text] of both?.texts ?? []) expect(id).toBe(documentIdOf(text));
  });

  it('say what to do when the build of the web demo is not for this server', async () => {
    const config = { PERSISTED_DOCUMENTS: undefined, INTROSPECTION: false };
    const advice =
      'This build of the web demo is not for this server: run `npm run build`, or set WEB_DEMO=off.';
    const linesFor = (documents: string) => {
      try {
        readManifest(config, { documents });
        return [];
      } catch (error) {
        if (!isStartError(error)) throw error;
        return error.message.split('\n');
      }
    };
    const path = await fileOf('query Old { server { gone } }');
    expect(linesFor(path)).toEqual([
      `The documents in ${path} need correcting:`,
      expect.stringContaining('cannot run: Cannot query field "gone" on type "Server".'),
      advice,
    ]);
    expect(linesFor('/nowhere/a.json')).toEqual([
      'The web demo names /nowhere/a.json, which cannot be read: correct the path or its permissions.',
      advice,
    ]);
  });
});
