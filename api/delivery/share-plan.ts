import {
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Operation } from '../check-document.ts';
import { fragmentsOf, rootFieldsOf } from '../root-fields.ts';

/** How executions of one subscription can serve several viewers. */
export type SharePlan = {
  /** The author of the event's message gets another result than the others. */
  readonly variesByAuthor: boolean;
  /** The variables that change a result. Those that only say which events to get (arguments of the root field) do not. */
  readonly variableNames: readonly string[];
};

type Walk = {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly rootFields: ReadonlySet<FieldNode>;
  readonly variableNames: Set<string>;
  /** What was found shareable already: the types behind one interface share most of their fields. */
  readonly done: Map<SelectionSetNode, Set<GraphQLNamedType>>;
  /** Below a field that is marked with `sameForAll: 'once'`: what is judged for sharing is the event, and this is not of it any more. */
  readonly isAway: boolean;
  variesByAuthor: boolean;
};

/**
 * Undefined when results may differ from viewer to viewer: as soon as the document reaches, below its root field, one field that
 * is not marked in the schema with `extensions: { sameForAll: true }` or `extensions: { variesBy: 'author' }`. A field whose
 * resolver looks at the viewer must have neither, unless it asks by `viewerIs`. `sameForAll: 'once'` marks what leads from the
 * event's message to another one: the same for all who share the event, but whom that one is from, or what it leads to in turn,
 * nobody has looked at. Types marked `neverShared` are of one viewer alone: what is asked of them is nobody else's concern.
 * What the root field itself makes of an event depends on that event alone; its arguments only say which
 * events to get.
 */
export function sharePlanOf(
  schema: GraphQLSchema,
  { document, node: { selectionSet } }: Operation,
): SharePlan | undefined {
  const walk: Walk = {
    schema,
    fragments: fragmentsOf(document),
    rootFields: new Set(rootFieldsOf(document, selectionSet)),
    variableNames: new Set(),
    done: new Map(),
    isAway: false,
    variesByAuthor: false,
  };
  const root = schema.getSubscriptionType();
  if (!root || !isShareable(walk, selectionSet, root)) return undefined;
  return { variesByAuthor: walk.variesByAuthor, variableNames: [...walk.variableNames].sort() };
}

function isShareable(walk: Walk, selectionSet: SelectionSetNode, type: GraphQLNamedType): boolean {
  if (isNeverShared(type)) return true;
  const types = walk.done.get(selectionSet) ?? new Set();
  if (types.has(type)) return true;
  walk.done.set(selectionSet, types.add(type));
  return selectionSet.selections.every((selection) => isSelectionShareable(walk, selection, type));
}

function isSelectionShareable(walk: Walk, selection: SelectionNode, type: GraphQLNamedType): boolean {
  noteVariables(walk, selection.directives ?? []);
  if (selection.kind === Kind.FIELD) return isFieldShareable(walk, selection, type);
  const fragment =
    selection.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(selection.name.value) : selection;
  const condition = fragment?.typeCondition?.name.value;
  const inner = condition === undefined ? type : walk.schema.getType(condition);
  return fragment !== undefined && inner !== undefined && isShareable(walk, fragment.selectionSet, inner);
}

function isFieldShareable(walk: Walk, field: FieldNode, type: GraphQLNamedType): boolean {
  const isRoot = walk.rootFields.has(field);
  if (!isRoot) noteVariables(walk, field.arguments ?? []);
  if (field.name.value === '__typename') return true;
  // The resolver that runs is that of the object, never that of the interface: each possible one must be marked.
  const possible = isAbstractType(type) ? walk.schema.getPossibleTypes(type) : [type];
  return possible.every((object) => {
    if (isNeverShared(object)) return true;
    const definition = isObjectType(object) ? object.getFields()[field.name.value] : undefined;
    if (definition === undefined || !(isRoot || isMarked(walk, definition.extensions))) return false;
    const inner = field.selectionSet;
    if (inner === undefined) return true;
    // A fragment may be used on both sides, and is to be judged for each.
    const isLeaving = definition.extensions.sameForAll === 'once';
    const below = isLeaving ? { ...walk, isAway: true, done: new Map() } : walk;
    return isShareable(below, inner, getNamedType(definition.type));
  });
}

const isNeverShared = ({ extensions }: GraphQLNamedType): boolean => extensions.neverShared === true;

function isMarked(walk: Walk, { sameForAll, variesBy }: Readonly<Record<string, unknown>>): boolean {
  if (walk.isAway) return variesBy === undefined && sameForAll === true;
  if (variesBy === 'author') walk.variesByAuthor = true;
  return variesBy === 'author' || (variesBy === undefined && (sameForAll === true || sameForAll === 'once'));
}

function noteVariables(walk: Walk, nodes: readonly ASTNode[]): void {
  for (const node of nodes) visit(node, { Variable: ({ name }) => void walk.variableNames.add(name.value) });
}
