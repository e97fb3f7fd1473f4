import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Scope } from '../../schema/scope.ts';
import { type Executor, isSource, type OperationRequest } from '../execute-operation.ts';

export type PlainSubscription = {
  readonly request: OperationRequest;
  /** A new scope, for the subscription itself and for each event. */
  readonly scopeOf: () => Scope;
  /** Aborting it ends the stream at once, with a GraphQLError as the reason after one last result that tells it. */
  readonly end: AbortController;
};

type Results = AsyncIterableIterator<ExecutionResult, undefined>;
type Step = IteratorResult<ExecutionResult, undefined>;

/**
 * The plain twin of deliver.ts, as graphql-js defines a subscription: every event is executed for this one viewer. What SSE
 * uses, and what the fast path is compared with.
 */
export async function subscribePlainly(
  executor: Executor,
  { request, scopeOf, end }: PlainSubscription,
): Promise<Results | ExecutionResult> {
  const opened = await executor.open(request, scopeOf());
  if (!isSource(opened)) return opened;
  const next = async (): Promise<Step> => {
    const event = await opened.next();
    if (event.done === true) return { done: true, value: undefined };
    return { done: false, value: await executor.run(request, scopeOf(), event.value) };
  };
  // Not waited for: a generator that is stuck in `await` answers only when that is over.
  const letGo = () => void Promise.resolve(opened.return?.()).catch(() => undefined);
  if (end.signal.aborted) letGo();
  else end.signal.addEventListener('abort', letGo, { once: true });
  return endable(next, end, executor.mask);
}

function endable(next: () => Promise<Step>, end: AbortController, mask: Executor['mask']): Results {
  let isToldWhy = false;
  function ended(): Step {
    const why: unknown = end.signal.reason;
    if (isToldWhy || !(why instanceof GraphQLError)) return { done: true, value: undefined };
    isToldWhy = true;
    return { done: false, value: { errors: [mask(why)] } };
  }
  async function pull(): Promise<Step> {
    try {
      const step = await next();
      if (step.done === true) end.abort();
      return step;
    } catch (error) {
      end.abort(mask(error));
      return ended();
    }
  }
  const results: Results = {
    next: () =>
      new Promise((resolve, reject) => {
        if (end.signal.aborted) return resolve(ended());
        const onEnd = () => resolve(ended());
        end.signal.addEventListener('abort', onEnd, { once: true });
        const settled = () => end.signal.removeEventListener('abort', onEnd);
        pull().then(resolve, reject).finally(settled);
      }),
    return() {
      end.abort();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
