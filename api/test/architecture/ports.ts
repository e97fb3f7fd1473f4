import { perFile, type Rule } from './rule.ts';
import { isSyntaxNode, nameOf, type SourceFile } from './source-file.ts';

const maxMethods = 8;

const isMethod = (member: unknown): boolean => {
  if (!isSyntaxNode(member)) return false;
  if (member.type === 'TSMethodSignature') return true;
  const annotation = isSyntaxNode(member.typeAnnotation) ? member.typeAnnotation.typeAnnotation : undefined;
  return isSyntaxNode(annotation) && annotation.type === 'TSFunctionType';
};

const smallPorts = perFile(
  `a port has at most ${maxMethods} methods`,
  'every driver implements all of it: each method must be worth that',
  ({ path, nodes }) =>
    path.startsWith('schema/ports/')
      ? nodes.flatMap(({ node }) => {
          if (node.type !== 'TSInterfaceDeclaration' || !isSyntaxNode(node.body)) return [];
          const count = Array.isArray(node.body.body) ? node.body.body.filter(isMethod).length : 0;
          return count > maxMethods ? [`\`${nameOf(node.id)}\` has ${count} methods`] : [];
        })
      : [],
);

const portFile = /^schema\/ports\/([a-z-]+)\.ts$/;
const driverFile = /^api\/drivers\/([a-z-]+)\.[a-z-]+\.ts$/;
const contractOf = (port: string) => `schema/ports/${port}.contract.ts`;
const hasInterface = ({ nodes }: SourceFile) =>
  nodes.some(({ node }) => node.type === 'TSInterfaceDeclaration');
const opens = ({ nodes }: SourceFile) =>
  nodes.some(({ node }) => node.type === 'FunctionDeclaration' && /^open[A-Z]/.test(nameOf(node.id) ?? ''));

const promised: Rule = {
  name: 'a port has a contract, and every driver runs it',
  why: 'a promise that no test keeps is kept by one driver and broken by the next',
  *offences({ sources }) {
    const files = new Map(sources.map((source) => [source.path, source]));
    for (const source of sources) {
      const port = portFile.exec(source.path)?.[1];
      if (port !== undefined && hasInterface(source) && !files.has(contractOf(port)))
        yield { file: source.path, what: `has no ${contractOf(port)}` };
      const driven = driverFile.exec(source.path)?.[1];
      if (driven === undefined || !files.has(`schema/ports/${driven}.ts`) || !opens(source)) continue;
      const test = files.get(source.path.replace(/\.ts$/, '.test.ts'));
      if (!test?.imports.some(({ target }) => target === contractOf(driven)))
        yield { file: source.path, what: `has no test beside it that runs ${contractOf(driven)}` };
    }
  },
};

/** What the product needs from outside. */
export const portRules: readonly Rule[] = [smallPorts, promised];
