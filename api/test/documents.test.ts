import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../schema/errors.ts';
import { schema } from '../../schema/index.ts';
import { refusals } from '../../schema/verdict.ts';
import { readConfig, settings } from '../config.ts';
import { closeReasons } from '../socket/close-code.ts';
import { graphqlProblems, missingPaths, missingScripts, rowProblems } from './document-rules.ts';
import { quotationProblems, regionOf } from './quoted-code.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const packageJson: { scripts: Record<string, string>; overrides?: Record<string, string> } = JSON.parse(
  read('package.json'),
);

/** The documents of the repository: its own, and those of its folders, without what is installed, compiled or hidden. */
const isOurs = (name: string) => !name.startsWith('.') && !/^(node_modules|dist|generated)$/.test(name);
const documentsIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => isOurs(name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return documentsIn(path);
      return path.endsWith('.md') ? [path] : [];
    });
const documents = documentsIn('.').map((path) => ({ path, text: read(path) }));

const readme = read('README.md');
const cell = (text: string) => text.replaceAll('|', '\\|');
const defaultOf = (value: unknown) =>
  value === undefined ? 'absent' : `\`${typeof value === 'boolean' ? (value ? 'on' : 'off') : value}\``;

describe('the documents', () => {
  it('are all looked at', () => {
    const paths = documents.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'README.md',
        'CONTRIBUTING.md',
        'CHANGELOG.md',
        'docs/clients.md',
        'schema/stream/README.md',
      ]),
    );
  });

  it('show GraphQL that this schema understands', () => {
    expect(readme.match(/```graphql/g)?.length).toBeGreaterThanOrEqual(4);
    expect(documents.flatMap((document) => graphqlProblems(document, schema))).toEqual([]);
  });

  it('quote code word for word from where it runs', () => {
    expect(documents.flatMap((document) => quotationProblems(document, read))).toEqual([]);
  });

  it('have every code that a socket is closed with', () => {
    const rows = Object.values(closeReasons).map(
      ({ code, meaning, mayRetry }) => `| \`${code}\` | ${cell(meaning)} | ${mayRetry ? 'yes' : 'no'} |`,
    );
    expect(rowProblems(read('docs/clients.md'), '## When a socket is closed', rows)).toEqual([]);
  });

  it('name files and folders that are there', () => {
    expect(
      documents.flatMap((document) => missingPaths(document, (path) => existsSync(join(root, path)))),
    ).toEqual([]);
  });

  it('name commands that are there', () => {
    expect(documents.flatMap((document) => missingScripts(document, packageJson.scripts))).toEqual([]);
  });

  it('have every setting with its default and meaning, and no other', () => {
    const defaults = new Map<string, unknown>(Object.entries(readConfig({})));
    const rows = settings.map(
      ({ name, meaning }) => `| \`${name}\` | ${defaultOf(defaults.get(name))} | ${cell(meaning)} |`,
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rowProblems(readme, '## Settings', rows)).toEqual([]);
  });

  it('have every code that a client can meet, in the words that people see', () => {
    const rowsOf = (codes: object) =>
      Object.entries(codes).map(([code, words]) => `| \`${code}\` | ${cell(words)} |`);
    expect(rowProblems(readme, '## Codes', rowsOf(refusals))).toEqual([]);
    const errors = readme.replace(/^Everything else is a top-level error.*$/m, '## Errors');
    expect(rowProblems(errors, '## Errors', rowsOf(errorCatalogue))).toEqual([]);
  });

  it('give a reason for every overridden package', () => {
    const overridden = Object.keys(packageJson.overrides ?? {});
    for (const name of overridden) expect(readme).toContain(`\`${name}\``);
    expect(readme.includes('There are no overrides.')).toBe(overridden.length === 0);
  });

  it('promise all of G1 to G8, each with a command', () => {
    for (const promise of ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'])
      expect(readme).toMatch(new RegExp(`^\\| ${promise} \\| .+ \\| \`np[mx] .+\` \\|$`, 'm'));
  });
});

describe('the check of documents', () => {
  const document = (text: string) => ({ path: 'schema/README.md', text });
  const small = buildSchema('type Query { server: String }');

  it.each([
    ['```graphql\nquery { nothing }\n```', 'Cannot query field "nothing"'],
    ['```graphql\nquery {\n```', 'Syntax Error'],
    ['1. One\n\n   ```graphql\n   query { nothing }\n   ```', 'Cannot query field "nothing"'],
    ['```graphql\nquery { server }\n```\n\n```graphql\nquery { other }\n```', 'Cannot query field "other"'],
  ])('finds GraphQL that does not run: %s', (text, said) => {
    expect(graphqlProblems(document(text), small).join()).toContain(said);
  });

  it.each([
    ['see `api/nowhere.ts`', 'api/nowhere.ts'],
    ['run `npx vitest run api/nowhere.test.ts`', 'api/nowhere.test.ts'],
    ['see [there](stream/NOWHERE.md)', 'schema/stream/NOWHERE.md'],
    ['see [there](../NOWHERE.md)', 'NOWHERE.md'],
  ])('finds what is not there: %s', (text, missing) => {
    expect(missingPaths(document(text), () => false)).toEqual([
      `schema/README.md: ${missing} does not exist`,
    ]);
    expect(missingPaths(document(text), () => true)).toEqual([]);
  });

  it('finds code that is not quoted, or not as it stands', () => {
    const file =
      'before\n  // region a\n  if (b)\n    c();\n  // endregion\n  other();\n# region a\nd()\n# endregion\n';
    expect(regionOf(file, 'a')).toBe('if (b)\n  c();\n\nd()\n');
    const docs = (text: string) => quotationProblems({ path: 'docs/a.md', text }, () => file);
    const right = '<!-- api/a.ts: a -->\n```ts\nif (b)\n  c();\n\nd()\n```\n';
    expect(docs(right)).toEqual([]);
    expect(docs(right.replace('c()', 'e()'))).toEqual([
      expect.stringContaining('is not what stands in api/a.ts as a'),
    ]);
    expect(docs(right.replace(': a', ': nowhere'))).toHaveLength(1);
    expect(docs('```python\nx = 1\n```\n')).toEqual([expect.stringContaining('does not say where it runs')]);
    expect(docs(`${right}\n${right}\n\`\`\`ts\nx;\n\`\`\`\n`)).toHaveLength(1);
  });

  it('finds commands that are not there', () => {
    expect(
      missingScripts(document('`npm run dance`, `npm run a:b` and `npm test`'), { 'a:b': '' }),
    ).toHaveLength(2);
  });

  it('finds rows that are missing and rows that are not so', () => {
    const text = '# A\n\n## Settings\n\n| `A` | 1 |\n| `B` | 2 |\n\n## More\n\n| `C` | 3 |\n';
    expect(rowProblems(text, '## Settings', ['| `A` | 1 |', '| `C` | 3 |'])).toEqual([
      'missing: | `C` | 3 |',
      'not so: | `B` | 2 |',
    ]);
  });
});
