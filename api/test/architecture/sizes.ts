import { isTest, perFile, type Rule } from './rule.ts';
import { isSyntaxNode, nameOf, type Placed, type SourceFile, type SyntaxNode } from './source-file.ts';

const maxLines = { source: 250, test: 400, function: 40, readme: 40 } as const;
const maxParameters = 3;

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const isFunction = (node: SyntaxNode) => functionTypes.has(node.type);

/** The blocks of a test file: they are its table of contents. */
const testBlocks = /^(describe|it|test|suite|beforeAll|beforeEach|afterAll|afterEach)\b/;

/** What a function is called by its surroundings; undefined for one that is handed on nameless. */
function calledBy({ node, ancestors: [parent] }: Placed): string | undefined {
  if (nameOf(node.id) !== undefined) return nameOf(node.id);
  if (parent?.type === 'VariableDeclarator') return nameOf(parent.id);
  if (parent?.type === 'Property' || parent?.type === 'MethodDefinition') return nameOf(parent.key);
  return undefined;
}

/** Whether a function is a block of a test, perhaps wrapped: `it('…', inWorld(async () => { … }))`. */
const isTestBlock = ({ ancestors }: Placed, { text }: SourceFile) => {
  const depth = ancestors.findIndex(({ type }) => type !== 'CallExpression');
  return ancestors.slice(0, depth).some(({ start, end }) => testBlocks.test(text.slice(start, end)));
};

/** A function inside another that stands for itself: it has a name, or is a block of a test. */
const isMember = (placed: Placed, source: SourceFile) =>
  calledBy(placed) !== undefined || isTestBlock(placed, source);

/** The body of `describe` is a table of contents: decision tables and tests, each measured itself. */
const isContents = ({ ancestors: [parent] }: Placed, { text }: SourceFile) =>
  parent?.type === 'CallExpression' && /^(describe|suite)\b/.test(text.slice(parent.start, parent.end));

/** `(t) => ({ … })`: a list of fields or of members, nothing that is done step by step. */
const isList = ({ body }: SyntaxNode): boolean => {
  const inner = isSyntaxNode(body) && body.type === 'ParenthesizedExpression' ? body.expression : body;
  return isSyntaxNode(inner) && inner.type === 'ObjectExpression';
};

/** Neither blank nor a comment. */
export const isCode = (line: string) => !/^\s*($|\/\/|\/?\*)/.test(line);

/**
 * Lines of code in a function, without blank lines and comments, and without those of its members, each of which counts as
 * one line and is measured itself: a closure with ten short members is a list of ten short functions, as a class would be.
 */
function ownLines({ text }: SourceFile, { node }: Placed, members: readonly SyntaxNode[]): number {
  let own = '';
  let from = node.start;
  for (const member of members) {
    if (member.start < from || member.end > node.end || member === node) continue;
    own += text.slice(from, member.start);
    from = member.end;
  }
  return (own + text.slice(from, node.end)).split('\n').filter(isCode).length;
}

const shortFunctions = perFile(
  `a function has at most ${maxLines.function} lines`,
  'what does not fit one look is not understood in one look: give its parts names',
  (source) => {
    const functions = source.nodes.filter(({ node }) => isFunction(node));
    const members = functions.filter((placed) => isMember(placed, source)).map(({ node }) => node);
    members.sort((a, b) => a.start - b.start);
    return functions
      .filter((placed) => !isList(placed.node) && !isContents(placed, source))
      .map((placed) => ({
        name: calledBy(placed) ?? 'a nameless function',
        lines: ownLines(source, placed, members),
        from: source.text.slice(0, placed.node.start).split('\n').length,
      }))
      .filter(({ lines }) => lines > maxLines.function)
      .map(({ name, lines, from }) => `\`${name}\` has ${lines} lines (from line ${from})`);
  },
);

const shortFiles = perFile(
  `a file has at most ${maxLines.source} lines, a test ${maxLines.test}`,
  'a file is read in one go; a longer one has a second subject',
  ({ path, lineCount }) => {
    const limit = isTest(path) ? maxLines.test : maxLines.source;
    return lineCount > limit ? [`has ${lineCount} lines, ${lineCount - limit} too many`] : [];
  },
);

/** Functions that others call by name; the shape of a resolver or a callback is dictated by who calls it. */
const isOurs = (placed: Placed, path: string) => {
  const [parent] = placed.ancestors;
  if (placed.node.type === 'TSMethodSignature') return true;
  if (!isFunction(placed.node) || parent?.type === 'MethodDefinition') return false;
  return calledBy(placed) !== undefined && !(parent?.type === 'Property' && path.endsWith('.graphql.ts'));
};

const fewParameters = perFile(
  `a function has at most ${maxParameters} parameters`,
  'scope, input, options: what else is needed has a name inside one of them',
  (source) =>
    source.nodes
      .filter((placed) => isOurs(placed, source.path))
      .map(({ node, ...placed }) => ({
        name: calledBy({ node, ...placed }) ?? nameOf(node.key) ?? '',
        count: Array.isArray(node.params) ? node.params.length : 0,
      }))
      .filter(({ count }) => count > maxParameters)
      .map(({ name, count }) => `\`${name}\` has ${count} parameters`),
);

const shortReadmes: Rule = {
  name: `each top-level folder has a README.md of at most ${maxLines.readme} lines`,
  why: 'whoever opens a folder learns in one look what it is for',
  *offences({ sources, readmes }) {
    const folders = new Set(sources.flatMap(({ path }) => (path.includes('/') ? [path.split('/')[0]] : [])));
    for (const folder of folders) {
      const readme = readmes.get(`${folder}/README.md`);
      const lines = readme?.trimEnd().split('\n').length ?? 0;
      if (readme === undefined) yield { file: `${folder}/README.md`, what: 'does not exist' };
      if (lines > maxLines.readme) yield { file: `${folder}/README.md`, what: `has ${lines} lines` };
    }
  },
};

export const sizeRules: readonly Rule[] = [shortFiles, shortFunctions, fewParameters, shortReadmes];
