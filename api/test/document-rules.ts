import { posix } from 'node:path';
import { type GraphQLSchema, parse, validate } from 'graphql';

/** A document for people. */
export type Document = { readonly path: string; readonly text: string };

const blocksOf = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))].flatMap(
    (match) => match[1] ?? [],
  );

/** GraphQL that a reader pastes must run. */
export const graphqlProblems = ({ path, text }: Document, schema: GraphQLSchema): string[] =>
  blocksOf(text, 'graphql').flatMap((block) => {
    try {
      return validate(schema, parse(block)).map(({ message }) => `${path}: ${message}`);
    } catch (error) {
      return [`${path}: ${error}`];
    }
  });

const folders = 'api|bench|docs|prisma|schema|web-demo|workers';
/** A path of the repository, in backticks or behind `vitest run`, with neither `<…>` nor `*` in it. */
const paths = new RegExp(`(?:\`|vitest run )((?:${folders})/[\\w./-]*)(?=[\`\\s])`, 'g');
const links = /\]\(([^)#:]+)\)/g;

/** Files and folders that a document names must be there. Links count from where the document is. */
export function missingPaths({ path, text }: Document, exists: (path: string) => boolean): string[] {
  const named = [...text.matchAll(paths)].flatMap((match) => match[1] ?? []);
  const linked = [...text.matchAll(links)].flatMap((match) => match[1] ?? []);
  const wanted = [...named, ...linked.map((link) => posix.join(posix.dirname(path), link))];
  return wanted.filter((found) => !exists(found)).map((found) => `${path}: ${found} does not exist`);
}

/** Commands that a document names must be in package.json. */
export function missingScripts(
  { path, text }: Document,
  scripts: Readonly<Record<string, string>>,
): string[] {
  const named = [...text.matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)];
  return named
    .flatMap((match) => match[1] ?? match[2] ?? [])
    .filter((name) => scripts[name] === undefined)
    .map((name) => `${path}: \`npm run ${name}\` is no script of package.json`);
}

/** Rows that must stand in a document word for word, and rows of the same kind that must not be there. */
export function rowProblems(text: string, heading: string, rows: readonly string[]): string[] {
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n## |\nEverything else/)[0] ?? '';
  const found = section.split('\n').filter((line) => line.startsWith('| `'));
  return [
    ...rows.filter((row) => !found.includes(row)).map((row) => `missing: ${row}`),
    ...found.filter((row) => !rows.includes(row)).map((row) => `not so: ${row}`),
  ];
}
