import { type ExecutionArgs, type GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { Logger } from 'pino';
import type { Viewer } from '../../schema/scope.ts';
import type { Authenticate } from '../authenticate.ts';
import type { Operation } from '../check-document.ts';
import type { Documents } from '../documents.ts';
import { kindOf, type OperationRequest } from '../execute-operation.ts';
import { authorizationIn, identify } from '../identify.ts';
import { type SocketLimits, type SocketRefusal, tooMany } from './admission.ts';
import { closeReasons } from './close-code.ts';
import { never, type RunningOperation, resultsOf } from './operations.ts';
import { type OperationServices, runOperation } from './run-operation.ts';
import type { Socket } from './socket.ts';

export type ProtocolServices = OperationServices & {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly limits: Pick<SocketLimits, 'initMs' | 'operationsPerSocket'>;
  readonly countRefusal?: (by: SocketRefusal) => void;
};

/** An operation that is checked and may run. */
type Ready = {
  readonly socket: Socket;
  readonly operation: RunningOperation;
  readonly request: OperationRequest;
  readonly viewer: Viewer | undefined;
  /** A mutation runs already. */
  readonly running?: Promise<void>;
};

/**
 * graphql-transport-ws, kept by graphql-ws: it takes frames apart, knows which ids are in use and what may come when. What an
 * operation does, and every `next` frame, is ours. Nothing here throws: a failure is answered with an `error` frame.
 */
export function createProtocol(services: ProtocolServices): Server<Socket> {
  const { schema, limits } = services;
  const readyOnes = new WeakMap<ExecutionArgs, Ready>();

  /** graphql-ws hands back to `start` what it got from here. */
  function argsOf(ready: Ready): ExecutionArgs {
    const { document, name } = ready.request.operation;
    const args = { schema, document, operationName: name, contextValue: undefined, rootValue: undefined };
    readyOnes.set(args, ready);
    return args;
  }
  function run({ socket, operation, request, viewer }: Ready): Promise<void> {
    const { address, inOrder, writer, prolong: onRefreshed } = socket;
    const who = { viewer, address, inOrder, onRefreshed };
    const running = runOperation(services, { operation, request, writer, ...who });
    return kindOf(request) === OperationTypeNode.SUBSCRIPTION ? running : socket.answers.keep(running);
  }
  /** At once, also when its client takes it back in the same breath: what they sent behind it would overtake it else. */
  function begin(ready: Ready): Ready {
    if (kindOf(ready.request) !== OperationTypeNode.MUTATION) return ready;
    const running = run(ready);
    running.catch(() => undefined); // told by whoever takes its result, if anybody does
    return { ...ready, running };
  }
  function start(args: ExecutionArgs) {
    const ready = readyOnes.get(args);
    if (ready === undefined || ready.operation.signal.aborted) return never();
    return resultsOf(ready.operation, () => ready.running ?? run(ready));
  }

  return makeServer<Record<string, unknown> | undefined, Socket>({
    connectionInitWaitTimeout: limits.initMs,
    onConnect: ({ extra, connectionParams }) => connect(services, extra, takeAuthorization(connectionParams)),
    onSubscribe({ extra: socket }, id, payload) {
      const operation = socket.operations.begin(id);
      if (operation === undefined) {
        services.countRefusal?.('operations-of-socket');
        return [tooMany(`At most ${limits.operationsPerSocket} operations run at once on one socket.`)];
      }
      const refuse = (errors: readonly GraphQLError[]) => {
        operation.end();
        return errors;
      };
      try {
        const found = services.documents.find(payload);
        if (!('node' in found)) return refuse(found);
        const request = { operation: found, variables: payload.variables ?? {} };
        const ready = { socket, operation, request, viewer: socket.viewer };
        const authorization = socket.viewer === undefined ? headerIn(payload) : undefined;
        // Without waiting whenever possible: operations start in the order in which they came.
        if (authorization === undefined) return argsOf(begin(ready));
        return signInOnce(services, socket, { authorization, operation: found }).then(
          (viewer) => argsOf(begin({ ...ready, viewer })),
          (error) => refuse([services.executor.mask(error)]),
        );
      } catch (error) {
        return refuse([services.executor.mask(error)]);
      }
    },
    execute: start,
    subscribe: start,
  });
}

/** graphql-ws keeps what came with `connection_init` as long as the socket lives, however much it is: nobody needs it any more. */
function takeAuthorization(params: Record<string, unknown> | undefined): string | undefined {
  const authorization = authorizationIn(params);
  for (const name of Object.keys(params ?? {})) delete params?.[name];
  return authorization;
}

/** Answers `connection_init`. Without a token one may come in, to sign up or sign in, and to read what is public. */
async function connect(
  { authenticate, logger }: ProtocolServices,
  socket: Socket,
  authorization: string | undefined,
): Promise<boolean> {
  const found = await authenticate(authorization).catch((err) => {
    logger.error({ err }, 'A token could not be checked.');
    return { state: 'unknown' as const };
  });
  if (found.state === 'signed-in' && socket.admit(found)) socket.viewer = found.viewer;
  else if (found.state === 'expired') socket.close(closeReasons.tokenExpired);
  else if (found.state === 'revoked' || found.state === 'invalid') socket.close(closeReasons.signedOut);
  else if (found.state !== 'anonymous') socket.close(closeReasons.tooMuch);
  socket.settle();
  return found.state === 'anonymous' || socket.viewer !== undefined;
}

/** GraphiQL sends its headers with each operation, in `extensions`. They speak for that operation only. */
const headerIn = ({ extensions }: SubscribePayload): string | undefined =>
  authorizationIn(extensions?.headers);

async function signInOnce(
  { authenticate }: ProtocolServices,
  socket: Socket,
  { authorization, operation }: { readonly authorization: string; readonly operation: Operation },
): Promise<Viewer | undefined> {
  const found = await identify(authenticate, authorization, operation);
  if (found.state === 'anonymous') return undefined;
  if (!socket.admit(found))
    throw tooMany('There are too many sockets of this person, or sessions on this socket.');
  return found.viewer;
}
