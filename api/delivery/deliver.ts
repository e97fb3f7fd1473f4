import type { GraphQLSchema } from 'graphql';
import type { UserId } from '../../schema/ids.ts';
import type { Scope } from '../../schema/scope.ts';
import { authorOf, type SharedDelivery } from '../../schema/stream/delivery.ts';
import type { TypingTold } from '../../schema/typing/open-typing.ts';
import type { Operation } from '../check-document.ts';
import type { Executor, OperationRequest, Variables } from '../execute-operation.ts';
import type { Scopes } from '../scopes.ts';
import { payloadOf } from './frame.ts';
import { createPayloadStore } from './payload-store.ts';
import { type SharePlan, sharePlanOf } from './share-plan.ts';

/** Makes the payload for one subscription of what its source yields. A string when it is there already. Rejects as `Executor.run` does. */
export type Deliver = (event: unknown) => string | Promise<string>;

export type Subscriber = {
  readonly request: OperationRequest;
  readonly viewerId: UserId | undefined;
  /** A new scope of the viewer's own, for one event. */
  readonly scopeOfEvent: () => Scope;
};

export type Deliverer = { deliverTo(subscriber: Subscriber): Deliver };

type Shared = SharedDelivery | TypingTold;
type Options = {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly scopes: Pick<Scopes, 'sharedScope'>;
};

/** A subscription with more than this in the variables that matter is served by itself. */
const maxVariablesLength = 1_024;

/**
 * The fast path from an event to its subscribers: an event is executed once per document, not once per subscriber, and its
 * payload is shared by all who may see the same one; `npm run bench -- deliver` shows what that is worth. Whatever cannot be
 * shared takes the plain path, one execution per viewer, and both say the same (a test compares their frames).
 */
export function createDeliverer({ schema, executor, scopes }: Options): Deliverer {
  const planOf = createPlans(schema);
  const store = createPayloadStore();

  const execute = async (request: OperationRequest, scope: Scope, event: unknown) =>
    payloadOf(await executor.run(request, scope, event), executor.mask);

  return {
    deliverTo({ request, viewerId, scopeOfEvent }) {
      const alone: Deliver = (event) => execute(request, scopeOfEvent(), event);
      const { plan, number } = planOf(request.operation);
      const variables = plan && variablesIn(plan, request.variables);
      if (variables === undefined || variables.length > maxVariablesLength) return alone;
      const others = `${number} ${variables}`;
      const author = `author ${others}`;
      return (event) => {
        if (!isShared(event)) return alone(event);
        const authorId = plan?.variesByAuthor ? authorOf(event) : undefined;
        const isAuthor = authorId !== undefined && authorId === viewerId;
        return store.payloadOf(event, isAuthor ? author : others, () =>
          execute(request, scopes.sharedScope({ authorId, isAuthor }), event),
        );
      };
    },
  };
}

/** The plan of each operation, made once, with a number that names it in keys. */
function createPlans(schema: GraphQLSchema) {
  const plans = new WeakMap<Operation, { readonly plan: SharePlan | undefined; readonly number: number }>();
  let count = 0;
  return (operation: Operation) => {
    const known = plans.get(operation);
    if (known) return known;
    count += 1;
    const made = { plan: sharePlanOf(schema, operation), number: count };
    plans.set(operation, made);
    return made;
  };
}

/** The values that change a result, as text. One that is absent does not stand there: null would mean something else. */
const variablesIn = ({ variableNames }: SharePlan, variables: Variables): string =>
  JSON.stringify(
    variableNames
      .filter((name) => Object.hasOwn(variables, name))
      .map((name) => [name, variables[name] ?? null]),
  );

/** Something that is the same object for every reader of this process: what a subscription yields says so itself. */
const isShared = (event: unknown): event is Shared =>
  typeof event === 'object' &&
  event !== null &&
  'type' in event &&
  'isShared' in event &&
  event.isShared === true;
