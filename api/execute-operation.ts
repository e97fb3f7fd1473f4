import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql';
import { chatError } from '../schema/errors.ts';
import type { Scope } from '../schema/scope.ts';
import type { Operation } from './check-document.ts';
import { isWorthWaiting, type MaskError, maskResult } from './mask-errors.ts';

export type Variables = { readonly [name: string]: unknown };

/** An operation that somebody asked for, with what they gave for its variables. */
export type OperationRequest = { readonly operation: Operation; readonly variables: Variables };

/** Runs checked operations, the same way for every transport. Every error in what they return may leave the server. */
export type Executor = {
  /**
   * A query, a mutation, or one event of a subscription (its source is then `root`). An event waits for a storage that cannot be
   * reached: told without what could not be read it would be passed over. So rejects with `UNAVAILABLE`, for an event only, after
   * most of a minute of that; whoever asked begins again at their cursor.
   */
  run(request: OperationRequest, scope: Scope, root?: unknown): Promise<ExecutionResult>;
  /** The source of a subscription, which waits likewise, or why there is none. Never rejects. */
  open(request: OperationRequest, scope: Scope): Promise<AsyncIterator<unknown> | ExecutionResult>;
  /** What went wrong, as an error that may leave the server. */
  readonly mask: MaskError;
};

export const kindOf = ({ operation }: OperationRequest): OperationTypeNode => operation.node.operation;

/** Between attempts while the storage cannot be reached: in all 45 s, as readers wait (schema/stream/pulled-reader.ts). */
const pausesMs = [100, 200, 400, 800, 1_500, ...Array.from({ length: 21 }, () => 2_000)];

type Answer = AsyncIterator<unknown> | ExecutionResult;

const isAway = (answer: Answer): answer is ExecutionResult =>
  !isSource(answer) && answer.errors?.some(isWorthWaiting) === true;

/** The same, as if nothing had been read yet: what was read, and what could not be, is remembered by the object. */
const afresh = (scope: Scope): Scope => Object.create(null, Object.getOwnPropertyDescriptors(scope));

/** After an attempt in vain. The last answer, if there is no other. */
async function again<A extends Answer>(scope: Scope, attempt: (scope: Scope) => Promise<A>): Promise<A> {
  let answer: A | undefined;
  for (const pauseMs of pausesMs) {
    await scope.clock.sleep(pauseMs, scope.signal);
    answer = await attempt(afresh(scope));
    if (!isAway(answer) || scope.signal?.aborted) return answer;
  }
  return answer ?? attempt(afresh(scope));
}

export function createExecutor(schema: GraphQLSchema, mask: MaskError): Executor {
  const argsOf = ({ operation, variables }: OperationRequest, scope: Scope): ExecutionArgs => ({
    schema,
    document: operation.document,
    operationName: operation.name,
    variableValues: variables,
    contextValue: scope,
  });
  const failed = (error: unknown): ExecutionResult => ({ errors: [mask(error)] });

  type Run = { readonly request: OperationRequest; readonly root?: unknown };
  /** `whenAway`: what to do when the storage could not be reached; otherwise that is told. */
  async function runOnce(
    { request, root }: Run,
    scope: Scope,
    whenAway?: () => Promise<ExecutionResult>,
  ): Promise<ExecutionResult> {
    let result: ExecutionResult;
    try {
      result = maskResult(await execute({ ...argsOf(request, scope), rootValue: root }), mask);
    } catch (error) {
      result = failed(error);
    }
    return whenAway !== undefined && isAway(result) ? whenAway() : result;
  }
  async function runAgain(run: Run, scope: Scope): Promise<ExecutionResult> {
    const result = await again(scope, (fresh) => runOnce(run, fresh));
    if (isAway(result)) throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });
    return result;
  }
  async function openOnce(request: OperationRequest, scope: Scope): Promise<Answer> {
    try {
      const opened = await createSourceEventStream(argsOf(request, scope));
      return Symbol.asyncIterator in opened ? opened[Symbol.asyncIterator]() : maskResult(opened, mask);
    } catch (error) {
      return failed(error);
    }
  }
  return {
    mask,
    run(request, scope, root) {
      const run = { request, root };
      return runOnce(run, scope, root === undefined ? undefined : () => runAgain(run, scope));
    },
    async open(request, scope) {
      const first = await openOnce(request, scope);
      return isAway(first) ? again(scope, (fresh) => openOnce(request, fresh)) : first;
    },
  };
}

export const isSource = (
  opened: AsyncIterator<unknown> | ExecutionResult,
): opened is AsyncIterator<unknown> => 'next' in opened;
