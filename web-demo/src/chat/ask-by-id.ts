import { type Exchange, makeOperation, type Operation, type OperationResult } from 'urql';
import { filter, makeSubject, map, merge, pipe, tap } from 'wonka';
import { idOf } from '../account/document-id.ts';

/** Whether the server has been found to know the documents of this page by their ids. */
export type Asking = { isKnown: boolean };

/**
 * Queries and mutations by the ids of their documents. A server that does not know one (it is newer than this page, or came without
 * it) is asked again by its text, and from then on only so.
 */
export function askById(asking: Asking, idFor = idOf): Exchange {
  return ({ forward }) =>
    (operations$) => {
      const again = makeSubject<Operation>();
      const asked = new Map<number, Operation>();
      const isAwaited = ({ kind }: Operation) => kind === 'query' || kind === 'mutation';

      const outgoing = (operation: Operation): Operation => {
        if (operation.kind === 'teardown') asked.delete(operation.key);
        const documentId = asking.isKnown && isAwaited(operation) ? idFor(operation.query) : undefined;
        if (documentId === undefined) return operation;
        asked.set(operation.key, operation);
        const query = { kind: operation.query.kind, definitions: [], documentId };
        return makeOperation(operation.kind, { ...operation, query }, operation.context);
      };
      const isUnknown = ({ operation, error }: OperationResult) =>
        asked.has(operation.key) &&
        error?.graphQLErrors.some(({ extensions }) => extensions.code === 'PERSISTED_DOCUMENT_NOT_FOUND') ===
          true;

      return pipe(
        merge([operations$, again.source]),
        map(outgoing),
        forward,
        tap((result) => {
          const operation = asked.get(result.operation.key);
          if (!operation || !isUnknown(result)) return;
          asking.isKnown = false;
          again.next(operation);
        }),
        filter((result) => !isUnknown(result)),
        map((result) => {
          const operation = asked.get(result.operation.key) ?? result.operation;
          asked.delete(operation.key);
          return { ...result, operation };
        }),
      );
    };
}
