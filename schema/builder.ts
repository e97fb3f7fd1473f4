import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin, { clearAllDataLoaders } from '@pothos/plugin-dataloader';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { RequestCache } from '@pothos/plugin-scope-auth';
import { forgetBatched } from './batched.ts';
import { chatError } from './errors.ts';
import { type IncomingId, typeOfId } from './ids.ts';
import { CursorScalar, DateTimeScalar, PositionScalar, UrlScalar } from './scalars.ts';
import type { Scope, ViewerScope } from './scope.ts';
import './answer-ids-at-once.ts';
import './forget-between-mutations.ts';
import './limit-operations.ts';
import './refuse-dear-subscriptions.ts';
import './take-sync-cursor-first.ts';

/** Longest list of ids that `nodes` takes. */
const maxNodes = 100;

/** The types that `node` finds. Any other id is looked for among users, where there is none like it: the plugin insists on a type. */
const nodeTypes: ReadonlySet<string> = new Set(
  'User Viewer Device PushEndpoint Channel Member Message'.split(' '),
);
const nodeTypeOf = (id: string) => {
  const type = typeOfId(id);
  return type !== undefined && nodeTypes.has(type) ? type : 'User';
};

/** The one builder. It defines nothing: types live in their slices. */
export const builder = new SchemaBuilder<{
  Context: Scope;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  AuthScopes: { signedIn: boolean };
  AuthContexts: { signedIn: ViewerScope };
  Scalars: {
    ID: { Input: IncomingId; Output: string };
    DateTime: { Input: Date; Output: Date | number };
    Cursor: { Input: string; Output: string };
    Position: { Input: number; Output: number };
    URL: { Input: URL; Output: URL | string };
  };
}>({
  plugins: [
    'forgetBetweenMutations',
    'takeSyncCursorFirst',
    ScopeAuthPlugin,
    ComplexityPlugin,
    'refuseDearSubscriptions',
    'limitOperations',
    RelayPlugin,
    DataloaderPlugin,
    'answerIdsAtOnce',
  ],
  forgetKept,
  defaultFieldNullability: false,
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: (scope) => ({ signedIn: scope.viewer !== undefined }),
    unauthorizedError: () => chatError('UNAUTHENTICATED'),
  },
  // Judged when an operation runs, with its real variables, so that no cache of validated documents can hide them.
  complexity: {
    defaultComplexity: 1,
    defaultListMultiplier: 10,
    limit: { complexity: 20_000, depth: 12, breadth: 400 },
    complexityError: (kind) => chatError('QUERY_TOO_COMPLEX', undefined, { kind }),
  },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    edgeCursorType: 'String',
    pageInfoCursorType: 'String',
    pageInfoTypeOptions: { description: 'Where a page stands among all the others.' },
    hasNextPageFieldOptions: { description: 'Is there more behind this page?' },
    hasPreviousPageFieldOptions: { description: 'Is there more before this page?' },
    startCursorFieldOptions: { description: 'The cursor of its first edge; null when the page is empty.' },
    endCursorFieldOptions: { description: 'The cursor of its last edge; null when the page is empty.' },
    edgesFieldOptions: {
      nullable: false,
      description: 'What is on this page, in order.',
      // The connection counts its entries: see `pageComplexity`.
      complexity: { field: 1, multiplier: 1 },
    },
    pageInfoFieldOptions: { description: 'Where this page stands.' },
    nodeFieldOptions: { nullable: false, description: 'What is at this place.' },
    cursorFieldOptions: { description: 'Its place in this connection, for `after` and `before`.' },
    firstArgOptions: { description: 'The first so many.' },
    afterArgOptions: { description: 'Only what is behind this cursor of an edge.' },
    lastArgOptions: { description: 'The last so many.' },
    beforeArgOptions: { description: 'Only what is before this cursor of an edge.' },
    // Ids are global as they are: the type is in their prefix.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (globalId) => ({ typename: nodeTypeOf(globalId), id: globalId }),
    nodeTypeOptions: { description: 'Anything that has an id of its own, and can be asked for by it.' },
    idFieldOptions: { description: 'Never changes.' },
    nodeQueryOptions: {
      authScopes: { signedIn: true },
      args: { id: { description: 'The `id` of any type that implements `Node`.' } },
      description:
        'Anything with an id. Null when there is none, and just so when the viewer may not see it.',
    },
    nodesQueryOptions: {
      authScopes: { signedIn: true },
      args: { ids: { description: 'At most 100; they may be of different types.' } },
      complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
      resolve: (...[, { ids }, , , resolveNodes]) => {
        if (ids.length <= maxNodes) return resolveNodes(ids);
        throw chatError('BAD_USER_INPUT', `\`ids\` has at most ${maxNodes} entries.`);
      },
      description:
        'Several things by id, in the order of `ids`, null where there is none or it may not be seen. At most 100.',
    },
  },
});

builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('Cursor', CursorScalar);
builder.addScalarType('Position', PositionScalar);
builder.addScalarType('URL', UrlScalar);
builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({
  description: 'Everything that can be done. Each answers a union: what was done, or why not.',
});
builder.subscriptionType({ description: 'What arrives by itself.' });

/** Lets go of the rights and objects that are kept for a scope: for when somebody else comes to stand behind it, or something was changed. */
export function forgetKept(scope: Scope): void {
  RequestCache.clearForContext(scope);
  clearAllDataLoaders(scope);
  forgetBatched(scope);
}
