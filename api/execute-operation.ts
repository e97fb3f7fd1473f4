import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql';
import type { Scope } from '../schema/scope.ts';
import type { Operation } from './check-document.ts';
import { type MaskError, maskResult } from './mask-errors.ts';

export type Variables = { readonly [name: string]: unknown };

/** An operation that somebody asked for, with what they gave for its variables. */
export type OperationRequest = { readonly operation: Operation; readonly variables: Variables };

/** Runs checked operations, the same way for every transport. Every error in what they return may leave the server. */
export type Executor = {
  /** A query, a mutation, or one event of a subscription (its source is then `root`). Never rejects. */
  run(request: OperationRequest, scope: Scope, root?: unknown): Promise<ExecutionResult>;
  /** The source of a subscription, or why there is none. Never rejects. */
  open(request: OperationRequest, scope: Scope): Promise<AsyncIterator<unknown> | ExecutionResult>;
  /** What went wrong, as an error that may leave the server. */
  readonly mask: MaskError;
};

export const kindOf = ({ operation }: OperationRequest): OperationTypeNode => operation.node.operation;

export function createExecutor(schema: GraphQLSchema, mask: MaskError): Executor {
  const argsOf = ({ operation, variables }: OperationRequest, scope: Scope): ExecutionArgs => ({
    schema,
    document: operation.document,
    operationName: operation.name,
    variableValues: variables,
    contextValue: scope,
  });
  const failed = (error: unknown): ExecutionResult => ({ errors: [mask(error)] });

  return {
    mask,
    async run(request, scope, root) {
      try {
        return maskResult(await execute({ ...argsOf(request, scope), rootValue: root }), mask);
      } catch (error) {
        return failed(error);
      }
    },
    async open(request, scope) {
      try {
        const opened = await createSourceEventStream(argsOf(request, scope));
        return Symbol.asyncIterator in opened ? opened[Symbol.asyncIterator]() : maskResult(opened, mask);
      } catch (error) {
        return failed(error);
      }
    },
  };
}

export const isSource = (
  opened: AsyncIterator<unknown> | ExecutionResult,
): opened is AsyncIterator<unknown> => 'next' in opened;
