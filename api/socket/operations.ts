import type { ExecutionResult } from 'graphql';

/** One operation that runs on a socket. */
export type RunningOperation = {
  readonly id: string;
  /** Aborts when the operation ends, whatever ended it. */
  readonly signal: AbortSignal;
  /** Nothing is written for it any more. Ending twice is harmless. */
  end(): void;
};

/** What runs on one socket. */
export type Operations = {
  /** Undefined when too many run already. One that still runs under this id ends: its client has completed it, or the id were refused. */
  begin(id: string): RunningOperation | undefined;
  endAll(): void;
  count(): number;
};

export function createOperations(most: number): Operations {
  const running = new Map<string, RunningOperation>();
  return {
    begin(id) {
      running.get(id)?.end();
      if (running.size >= most) return undefined;
      const controller = new AbortController();
      const operation: RunningOperation = {
        id,
        signal: controller.signal,
        end() {
          if (running.get(id) === operation) running.delete(id);
          controller.abort();
        },
      };
      running.set(id, operation);
      return operation;
    },
    endAll() {
      for (const operation of [...running.values()]) operation.end();
    },
    count: () => running.size,
  };
}

/**
 * Settles never, and is forgotten with whoever waits for it. What graphql-ws still does for an operation that its client has
 * completed goes by the id alone, and would hit a new operation under the same id: so it stops here.
 */
export const never = () => new Promise<never>(() => {});

/**
 * An operation for graphql-ws: it pulls once, `work` runs and writes the frames itself, and what is left to graphql-ws is the
 * `complete` frame, or the `error` frame when `work` rejects.
 */
export function resultsOf(
  operation: RunningOperation,
  work: () => Promise<void>,
): AsyncIterableIterator<ExecutionResult, undefined> {
  const done = { done: true, value: undefined } as const;
  const results: AsyncIterableIterator<ExecutionResult, undefined> = {
    async next() {
      try {
        await work();
      } catch (error) {
        if (operation.signal.aborted) return never();
        operation.end();
        throw error;
      }
      if (operation.signal.aborted) return never();
      operation.end();
      return done;
    },
    return() {
      operation.end();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
