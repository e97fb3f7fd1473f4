import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import {
  type FragmentDefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Scope } from './scope.ts';
import type { SyncPoint } from './stream/stream.ts';

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** What an operation took before any of its root fields was read. Kept per operation: a scope can serve several. */
const taken = new WeakMap<Scope, WeakMap<OperationDefinitionNode, Promise<SyncPoint>>>();
/** The newest of a scope. */
const newest = new WeakMap<Scope, Promise<SyncPoint>>();

/**
 * What the operation that runs in this scope took first, if it did: the viewer's memberships and the heads of their channels,
 * as they were read for its cursor.
 */
export const syncPointIn = (scope: Scope): Promise<SyncPoint> | undefined => newest.get(scope);

/** The complete cursor of this operation; undefined when nobody is signed in. */
export const syncCursorOf = (scope: Scope, operation: OperationDefinitionNode): Promise<string> | undefined =>
  takePoint(scope, operation)?.then(({ cursor }) => cursor);

function takePoint(scope: Scope, operation: OperationDefinitionNode): Promise<SyncPoint> | undefined {
  if (scope.viewer === undefined) return undefined;
  const ofScope = taken.get(scope) ?? new WeakMap<OperationDefinitionNode, Promise<SyncPoint>>();
  taken.set(scope, ofScope);
  const point = ofScope.get(operation) ?? scope.stream.syncPoint(scope.viewer.id);
  ofScope.set(operation, point);
  newest.set(scope, point);
  return point;
}

const selectsSyncCursor = (set: SelectionSetNode, fragments: Fragments): boolean =>
  set.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === 'syncCursor';
    if (selection.kind === Kind.INLINE_FRAGMENT) return selectsSyncCursor(selection.selectionSet, fragments);
    // Validation has refused fragment cycles, so this ends.
    const fragment = fragments[selection.name.value];
    return fragment !== undefined && selectsSyncCursor(fragment.selectionSet, fragments);
  });

const answers = new WeakMap<OperationDefinitionNode, boolean>();
function wantsSyncCursor({ operation, fragments }: GraphQLResolveInfo): boolean {
  const known = answers.get(operation);
  if (known !== undefined) return known;
  const answer = selectsSyncCursor(operation.selectionSet, fragments);
  answers.set(operation, answer);
  return answer;
}

const isScope = (context: object): context is Scope => 'stream' in context;

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      takeSyncCursorFirst: TakeSyncCursorFirstPlugin<Types>;
    }
  }
}

/**
 * Root fields of a query run side by side. One that is read before the cursor is taken would miss what happens in between
 * for ever, so when an operation selects `syncCursor`, every root field waits for it.
 */
class TakeSyncCursorFirstPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (field.parentType !== 'Query') return resolver;
    return (parent, args, scope, info) => {
      const cursor = isScope(scope) && wantsSyncCursor(info) ? takePoint(scope, info.operation) : undefined;
      return cursor === undefined
        ? resolver(parent, args, scope, info)
        : cursor.then(() => resolver(parent, args, scope, info));
    };
  }
}
SchemaBuilder.registerPlugin('takeSyncCursorFirst', TakeSyncCursorFirstPlugin);
