import { isTest, perFile } from './rule.ts';
import { isSyntaxNode, nameOf, type Placed, type SourceFile, type SyntaxNode } from './source-file.ts';

/** What statements begin with, and parts of them have in them, in the capitals that we write them in. */
const sql =
  /\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \S+ SET|WHERE|ORDER BY|LIMIT|SET \w+ =|(CREATE|ALTER|DROP|LOCK|TRUNCATE) [A-Z]{4,})\b/;
const textOf = ({ text }: SourceFile, { start, end }: SyntaxNode) => text.slice(start, end);
const nodesIn = (value: unknown): readonly SyntaxNode[] =>
  Array.isArray(value) ? value.filter(isSyntaxNode) : [];
const isFunction = ({ type }: SyntaxNode) => /^(Function|ArrowFunction)/.test(type);
const functionAround = ({ ancestors }: Placed) => ancestors.find(isFunction);

/** Prisma makes a parameter of everything that stands in such a template. */
const isTagged = ({ ancestors: [parent] }: Placed) => parent?.type === 'TaggedTemplateExpression';

/** Names that stand for the same from the beginning: of the file's own constants and functions, and what it imports. */
function fixedNames({ nodes }: SourceFile): ReadonlySet<string> {
  const names = nodes.flatMap(({ node, ancestors }) => {
    const isOutside = !ancestors.some(isFunction);
    const isNaming = /^(VariableDeclarator|FunctionDeclaration)$/.test(node.type) && isOutside;
    if (isNaming) return nameOf(node.id) ?? [];
    return node.type === 'ImportSpecifier' ? (nameOf(node.local) ?? []) : [];
  });
  return new Set(names);
}

/** A function that is called while the file is loaded and at no other time, with nothing but what stands there. */
function isCalledAtLoadOnly(source: SourceFile, made: SyntaxNode | undefined): boolean {
  const name = nameOf(made?.id);
  if (name === undefined) return false;
  const calls = source.nodes.filter(
    ({ node }) => node.type === 'CallExpression' && nameOf(node.callee) === name,
  );
  const uses = source.nodes.filter(({ node }) => node.type === 'Identifier' && nameOf(node) === name);
  const isFixed = (call: Placed) =>
    functionAround(call) === undefined &&
    nodesIn(call.node.arguments).every(({ type }) => type === 'Literal');
  // Each is called, and nothing else is done with it: its declaration is the one use more.
  return calls.length > 0 && calls.length === uses.length - 1 && calls.every(isFixed);
}

/** Whether a part of a text is the same whoever asks. */
function isFixed(part: SyntaxNode, fixed: ReadonlySet<string>): boolean {
  if (part.type === 'Literal') return true;
  if (part.type === 'Identifier') return fixed.has(nameOf(part) ?? '');
  if (part.type !== 'CallExpression' || !fixed.has(nameOf(part.callee) ?? '')) return false;
  return nodesIn(part.arguments).every(({ type }) => type === 'Literal');
}

/** The parts of a text that is put together: a template, or a sum. */
function partsOf({ node }: Placed): readonly SyntaxNode[] {
  if (node.type === 'TemplateLiteral') return nodesIn(node.expressions);
  return node.type === 'BinaryExpression' && node.operator === '+'
    ? [node.left, node.right].filter(isSyntaxNode)
    : [];
}

export const sqlRule = perFile(
  'no value is written into SQL',
  'a value goes beside a statement, as a parameter, and can then be whatever a client likes',
  (source) => {
    if (!/^(api|schema)\//.test(source.path) || isTest(source.path)) return [];
    const fixed = fixedNames(source);
    return source.nodes.flatMap((placed) => {
      const raw = /^(\$(query|execute)RawUnsafe|raw)$/.exec(nameOf(placed.node.property) ?? '')?.[0];
      if (placed.node.type === 'MemberExpression' && raw !== undefined) return [`uses ${raw}`];
      const parts = partsOf(placed);
      if (parts.length === 0 || isTagged(placed) || !sql.test(textOf(source, placed.node))) return [];
      if (isCalledAtLoadOnly(source, functionAround(placed))) return [];
      const written = parts.filter((part) => part.type !== 'BinaryExpression' && !isFixed(part, fixed));
      return written.map((part) => `writes ${textOf(source, part)} into a statement`);
    });
  },
);
