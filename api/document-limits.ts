import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { refusal } from './mask-errors.ts';
import { fragmentsOf, rootFieldsOf } from './root-fields.ts';

/** What one document may be, whatever its variables. What it costs with its variables is judged when it runs. */
export type DocumentLimits = {
  readonly maxBytes: number;
  readonly maxTokens: number;
  readonly maxDepth: number;
  /** All selections of an operation, those of fragments as often as they are spread. */
  readonly maxBreadth: number;
  /** A guess at a password per alias would be many guesses per request. */
  readonly maxAliases: number;
  /** How many mistakes in it are told. */
  readonly maxErrors: number;
};

export const documentLimits: DocumentLimits = Object.freeze({
  maxBytes: 16_384,
  maxTokens: 2_000,
  maxDepth: 12,
  maxBreadth: 400,
  maxAliases: 15,
  maxErrors: 20,
});

/**
 * Mutations that look at a secret. One request is one guess, and who is signed in changes with them: each stands alone in its
 * operation. As the secret is their proof, they run even when the access token sent along has expired.
 */
export const secretMutations: ReadonlySet<string> = new Set([
  'signUp',
  'signIn',
  'refreshSession',
  'signOut',
  'changePassword',
]);

type Extent = { readonly depth: number; readonly breadth: number; readonly aliases: number };
const nothing: Extent = Object.freeze({ depth: 0, breadth: 0, aliases: 0 });

/** The first limit that the document passes, as an error for the caller. Each fragment is measured once, so this cannot explode. */
export function findExcess(document: DocumentNode, limits: DocumentLimits): GraphQLError | undefined {
  const measure = createMeasure(fragmentsOf(document));
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, breadth, aliases } = measure(definition.selectionSet);
    if (depth > limits.maxDepth) return tooComplex(definition, `deeper than ${limits.maxDepth} levels`);
    if (breadth > limits.maxBreadth)
      return tooComplex(definition, `of more than ${limits.maxBreadth} selections`);
    if (aliases > limits.maxAliases)
      return tooComplex(definition, `with more than ${limits.maxAliases} aliases`);
    if (
      definition.operation === OperationTypeNode.MUTATION &&
      guessesTwice(document, definition.selectionSet)
    )
      return tooComplex(definition, 'with something beside a mutation that looks at a secret');
  }
  return undefined;
}

const tooComplex = (node: DocumentNode['definitions'][number], what: string) =>
  refusal(new GraphQLError('', { nodes: node }), `An operation ${what} is refused.`, 'QUERY_TOO_COMPLEX');

function guessesTwice(document: DocumentNode, selectionSet: SelectionSetNode): boolean {
  const fields = rootFieldsOf(document, selectionSet);
  return fields.length > 1 && fields.some(({ name }) => secretMutations.has(name.value));
}

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  /** `undefined` while it is being measured: a fragment within itself counts as nothing, and validation refuses it. */
  const measured = new Map<string, Extent | undefined>();

  const measure = ({ selections }: SelectionSetNode): Extent =>
    selections.map(measureOne).reduce(join, nothing);

  function measureOne(selection: SelectionNode): Extent {
    if (selection.kind === Kind.INLINE_FRAGMENT) return measure(selection.selectionSet);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value);
    const isAlias = selection.alias !== undefined && selection.alias.value !== selection.name.value;
    // Introspection is deep by nature and has a limit of its own among the rules of validation.
    const inner =
      selection.selectionSet && !selection.name.value.startsWith('__')
        ? measure(selection.selectionSet)
        : nothing;
    return {
      depth: inner.depth + 1,
      breadth: inner.breadth + 1,
      aliases: inner.aliases + (isAlias ? 1 : 0),
    };
  }

  function measureFragment(name: string): Extent {
    if (measured.has(name)) return measured.get(name) ?? nothing;
    measured.set(name, undefined);
    const fragment = fragments.get(name);
    const extent = fragment ? measure(fragment.selectionSet) : nothing;
    measured.set(name, extent);
    return extent;
  }
  return measure;
}

const join = (a: Extent, b: Extent): Extent => ({
  depth: Math.max(a.depth, b.depth),
  breadth: a.breadth + b.breadth,
  aliases: a.aliases + b.aliases,
});
