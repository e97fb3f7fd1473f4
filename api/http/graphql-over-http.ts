import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, OperationTypeNode } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import { chatError } from '../../schema/errors.ts';
import type { Authenticate } from '../authenticate.ts';
import { subscribePlainly } from '../delivery/subscribe-plainly.ts';
import type { DocumentCache } from '../document-cache.ts';
import { type Executor, kindOf, type OperationRequest } from '../execute-operation.ts';
import { type Anonymous, identify, type SignedIn } from '../identify.ts';
import type { Scopes } from '../scopes.ts';
import { type Admission, tooMany } from '../socket/admission.ts';
import type { SessionWatch } from '../supervise-session.ts';
import { createRequestErrorMask, malformed, mutationByGet, withStatus } from './statuses.ts';

export type HttpServices = {
  readonly documents: DocumentCache;
  readonly executor: Executor;
  readonly scopes: Scopes;
  readonly authenticate: Authenticate;
  readonly sessions: SessionWatch;
  /** A stream over SSE takes a place like a socket. */
  readonly admission: Pick<Admission, 'admitUser'>;
};

/** Room for a document, a message and a list of cursors. */
export const maxBodyBytes = 65_536;

type Answer = ExecutionResult | AsyncIterable<ExecutionResult>;

/**
 * GraphQL over HTTP, and subscriptions over SSE, kept by Yoga: it reads bodies, agrees on media types, and writes answers. What
 * an operation does is the same as on a socket.
 */
export function createGraphqlOverHttp(
  services: HttpServices,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const ours: Plugin = {
    onParams: ({ setParamsHandler }) =>
      setParamsHandler(({ request, params }) => answer(services, request, params)),
  };
  const yoga = createYoga({
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false, // the same headers for everything, set by the listener
    logging: false, // everything worth a line is logged where it is masked
    multipart: false,
    batching: false,
    parserAndValidationCache: false,
    maxRequestBodySize: maxBodyBytes,
    maskedErrors: { maskError: createRequestErrorMask(services.executor.mask) },
    plugins: [ours],
  });
  return async (request, response) => {
    await yoga(request, response);
  };
}

async function answer(services: HttpServices, request: Request, params: GraphQLParams): Promise<Answer> {
  const { documents, executor, authenticate, scopes } = services;
  try {
    if (!isName(params.operationName)) return malformed('`operationName` is a text.');
    const operation = documents.find(params.query ?? '', params.operationName);
    if (!('node' in operation)) return withStatus(400, { errors: operation });
    const asked: OperationRequest = { operation, variables: params.variables ?? {} };
    if (request.method === 'GET' && kindOf(asked) === OperationTypeNode.MUTATION) return mutationByGet();
    const authorization = request.headers.get('authorization') ?? undefined;
    const who = await identify(authenticate, authorization, operation);
    if (kindOf(asked) === OperationTypeNode.SUBSCRIPTION) return await stream(services, asked, who);
    const viewer = who.state === 'signed-in' ? who.viewer : undefined;
    return withStatus(400, await executor.run(asked, scopes.scopeOf({ viewer })));
  } catch (error) {
    const masked = executor.mask(error);
    return withStatus(masked.extensions.code === 'UNAUTHENTICATED' ? 401 : 500, { errors: [masked] });
  }
}

/** Yoga looks at all other parameters by itself. */
const isName = (name: unknown) => name === undefined || name === null || typeof name === 'string';

/** Ends with the session or its token, as a socket does. */
async function stream(
  { executor, scopes, sessions, admission }: HttpServices,
  request: OperationRequest,
  who: SignedIn | Anonymous,
): Promise<Answer> {
  const viewer = who.state === 'signed-in' ? who.viewer : undefined;
  const place = viewer && admission.admitUser(viewer.id);
  if (viewer && !place)
    return withStatus(429, { errors: [tooMany('There are too many sockets of this person.')] });
  const end = new AbortController();
  const scopeOf = () => scopes.scopeOf({ viewer, signal: end.signal });
  const unwatch =
    who.state === 'signed-in' &&
    sessions.watch({ sessionId: who.viewer.sessionId, expiresAt: who.expiresAt }, () =>
      end.abort(chatError('UNAUTHENTICATED')),
    );
  end.signal.addEventListener('abort', () => {
    place?.leave();
    if (unwatch) unwatch();
  });
  const results = await subscribePlainly(executor, { request, scopeOf, end });
  if (Symbol.asyncIterator in results) return results;
  end.abort();
  return withStatus(400, results);
}
