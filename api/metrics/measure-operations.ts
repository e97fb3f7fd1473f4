import { type ExecutionResult, type GraphQLError, OperationTypeNode } from 'graphql';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { isErrorCode } from '../../schema/errors.ts';
import type { Documents } from '../documents.ts';
import { type Executor, isSource, kindOf, type OperationRequest } from '../execute-operation.ts';
import { otherName } from './known-names.ts';

export type MeasureOperations = {
  /** The same executor, with every operation counted. Events of subscriptions pass through. */
  executor(executor: Executor): Executor;
  /** The same documents; one that is refused counts as an operation of the type `invalid`. */
  documents(documents: Documents): Documents;
};

type Settings = {
  readonly registry: Registry;
  readonly nameOf: (name: string | undefined) => string;
};

/** From what the memory answers to what only waits (`changes` waits for up to 25 s). */
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

const outcomeOf = (errors: readonly GraphQLError[] | undefined): string => {
  if (errors === undefined) return 'ok';
  const code = errors[0]?.extensions.code;
  return isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR';
};

export function createMeasureOperations({ registry, nameOf }: Settings): MeasureOperations {
  const registers = [registry];
  const operations = new Counter({
    name: 'parley_operations_total',
    help: 'Operations by type, known name, and outcome: ok, or the code of the first error. Refusals as data are ok.',
    labelNames: ['type', 'name', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'parley_operation_duration_seconds',
    help: 'How long a query or a mutation took, and how long a subscription took to open.',
    labelNames: ['type', 'name'],
    buckets,
    registers,
  });
  const subscriptions = new Gauge({
    name: 'parley_subscriptions_open',
    help: 'Subscriptions that are open, over sockets and server-sent events.',
    registers,
  });

  async function measured<T extends AsyncIterator<unknown> | ExecutionResult>(
    request: OperationRequest,
    work: () => Promise<T>,
  ): Promise<T> {
    const begun = performance.now();
    const answer = await work();
    const labels = { type: kindOf(request), name: nameOf(request.operation.name) };
    durations.observe(labels, (performance.now() - begun) / 1_000);
    operations.inc({ ...labels, outcome: isSource(answer) ? 'ok' : outcomeOf(answer.errors) });
    return answer;
  }

  return {
    executor: (inner) => ({
      mask: inner.mask,
      run: (request, scope, root) =>
        kindOf(request) === OperationTypeNode.SUBSCRIPTION
          ? inner.run(request, scope, root)
          : measured(request, () => inner.run(request, scope, root)),
      async open(request, scope) {
        const opened = await measured(request, () => inner.open(request, scope));
        if (!isSource(opened) || scope.signal === undefined || scope.signal.aborted) return opened;
        subscriptions.inc();
        scope.signal.addEventListener('abort', () => subscriptions.dec(), { once: true });
        return opened;
      },
    }),
    documents: (inner) => ({
      find(asked) {
        const found = inner.find(asked);
        if (!('node' in found))
          operations.inc({ type: 'invalid', name: otherName, outcome: outcomeOf(found) });
        return found;
      },
      get counts() {
        return inner.counts;
      },
    }),
  };
}
