import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree), with what it stands in, nearest first. */
export type SyntaxNode = {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
};
export type Placed = { readonly node: SyntaxNode; readonly ancestors: readonly SyntaxNode[] };

export type Import = {
  /** A path from the root of the repository for our files, otherwise the name of a package, such as `node:fs` or `@pothos/core`. */
  readonly target: string;
  /** Gone when the program runs. */
  readonly isTypeOnly: boolean;
};

export type SourceFile = {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  /** Every node of the file, outer ones first. */
  readonly nodes: readonly Placed[];
};

export const isSyntaxNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;

/** What an identifier says. */
export const nameOf = (node: unknown): string | undefined =>
  isSyntaxNode(node) && typeof node.name === 'string' ? node.name : undefined;

export function parseSourceFile(path: string, text: string): SourceFile {
  const program = parse(path, text);
  const nodes: Placed[] = [];
  if (isSyntaxNode(program)) collect(program, [], nodes);
  const imports = nodes.flatMap(({ node }) => importOf(path, node) ?? []);
  return { path, text, lineCount: text.trimEnd().split('\n').length, imports, nodes };
}

function parse(path: string, text: string): unknown {
  try {
    return parseAst(text, { lang: languageOf(path), astType: 'ts' });
  } catch (error) {
    throw new Error(`${path} is not TypeScript that can be parsed`, { cause: error });
  }
}

/** In `.tsx` alone a `<` can begin an element; in `.ts` it can begin a cast. */
function languageOf(path: string): 'js' | 'ts' | 'tsx' {
  if (path.endsWith('.mjs')) return 'js';
  return path.endsWith('.tsx') ? 'tsx' : 'ts';
}

function collect(node: SyntaxNode, ancestors: readonly SyntaxNode[], into: Placed[]): void {
  into.push({ node, ancestors });
  const inside = [node, ...ancestors];
  for (const value of Object.values(node).flat()) if (isSyntaxNode(value)) collect(value, inside, into);
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function importOf(path: string, node: SyntaxNode): Import | undefined {
  if (!importing.has(node.type) || !isSyntaxNode(node.source)) return undefined;
  const { value } = node.source;
  if (typeof value !== 'string') return undefined;
  const kind = node.importKind ?? node.exportKind;
  return { target: targetOf(path, value), isTypeOnly: node.type === 'TSImportType' || kind === 'type' };
}

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
