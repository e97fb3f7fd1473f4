import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, OperationTypeNode } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Authenticate } from '../authenticate.ts';
import type { ClientAddress } from '../client-address.ts';
import { type Documents, hasDocumentId } from '../documents.ts';
import { kindOf, type OperationRequest } from '../execute-operation.ts';
import { identify } from '../identify.ts';
import { acceptedBy } from './accepted.ts';
import { answerQuery } from './answer-query.ts';
import { eventStreamHeaders, eventStreamType, eventsOf } from './event-stream.ts';
import { graphqlPath } from './graphql-path.ts';
import type { OpenRequests } from './open-requests.ts';
import {
  createRequestErrorMask,
  malformed,
  mutationByGet,
  onlyAsEvents,
  takeStatus,
  withStatus,
} from './statuses.ts';
import { nothing, type SseServices, subscribeOverSse } from './subscribe-over-sse.ts';
import { tellRateLimit } from './tell-rate-limit.ts';

export type HttpServices = SseServices & {
  readonly documents: Documents;
  readonly authenticate: Authenticate;
  readonly requests: OpenRequests;
  readonly clientAddress: ClientAddress;
};

/** Room for a document, a message and a list of cursors. */
export const maxBodyBytes = 65_536;

/** What Node hands to Yoga, and Yoga to us. */
type Connection = { readonly req: IncomingMessage; readonly res: ServerResponse };

/**
 * GraphQL over HTTP, kept by Yoga: it reads bodies, agrees on media types, and writes answers. What an operation does is the
 * same as on a socket. Streams are written by event-stream.ts, which bounds them and ends them in order.
 */
export function createGraphqlOverHttp(
  services: HttpServices,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const yoga = createYoga<Connection>({
    graphqlEndpoint: graphqlPath,
    graphiql: false,
    landingPage: false,
    cors: false, // the same headers for everything, set by the listener
    logging: false, // everything worth a line is logged where it is masked
    multipart: false,
    batching: false,
    parserAndValidationCache: false,
    maxRequestBodySize: maxBodyBytes,
    extraParamNames: ['documentId'],
    maskedErrors: { maskError: createRequestErrorMask(services.executor.mask) },
    plugins: [createPlugin(services)],
  });
  return async (request, response) => {
    await yoga(request, response);
  };
}

const createPlugin = (services: HttpServices): Plugin<object, Connection> => ({
  onParams({ request, params: sent, setParams, context: { res: response }, setParamsHandler }) {
    setParams(withEmptyQuery(request, sent));
    setParamsHandler(({ params }) => answer(services, { request, params, response }));
  },
  onResultProcess({ request, result, setResultProcessor }) {
    const { json, events } = acceptedBy(request);
    if (!json && !events) setResultProcessor((_, { Response }) => new Response(null, { status: 406 }), '*/*');
    else if (result === nothing) setResultProcessor((_, { Response }) => new Response(null), eventStreamType);
    else if (json)
      return; // as Yoga does it
    else if ('errors' in result || 'data' in result) {
      const { result: plain, http } = takeStatus(result);
      const text = eventsOf(plain, services.executor.mask);
      const init = { status: http.status, headers: { ...eventStreamHeaders, ...http.headers } };
      setResultProcessor((_, { Response }) => new Response(text, init), eventStreamType);
    }
  },
});

/** Who names a document by its id need not send its text; Yoga wants one all the same. In an address it knows nothing of ids. */
function withEmptyQuery(request: Request, params: GraphQLParams & { documentId?: unknown }): GraphQLParams {
  if (typeof params !== 'object' || params === null) return params;
  const documentId = request.method === 'GET' ? idInAddress(request.url) : params.documentId;
  const all = { ...params, documentId };
  return hasDocumentId(all) ? { ...all, query: params.query ?? '' } : params;
}

/** An empty parameter counts as absent, as it does for the others. */
const idInAddress = (url: string): string | undefined =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('documentId') || undefined;

type Asked = {
  readonly request: Request;
  readonly params: GraphQLParams;
  readonly response: ServerResponse;
};

async function answer(
  services: HttpServices,
  { request, params, response }: Asked,
): Promise<ExecutionResult> {
  const { documents, executor, authenticate, scopes, requests, clientAddress } = services;
  try {
    const accepted = acceptedBy(request);
    if (!accepted.json && !accepted.events) return nothing; // and nothing is done
    if (!isName(params.operationName)) return malformed('`operationName` is a text.');
    const operation = documents.find(params);
    if (!('node' in operation)) return withStatus(400, { errors: operation });
    const asked: OperationRequest = { operation, variables: params.variables ?? {} };
    const kind = kindOf(asked);
    if (request.method === 'GET' && kind === OperationTypeNode.MUTATION) return mutationByGet();
    const isStream = kind === OperationTypeNode.SUBSCRIPTION;
    if (isStream && !accepted.events) return onlyAsEvents();
    const authorization = request.headers.get('authorization') ?? undefined;
    const who = await identify(authenticate, authorization, operation);
    const end = requests.enter(response);
    const address = clientAddress(response.req);
    const asking = { request: asked, who, address, end };
    if (isStream) return await subscribeOverSse(services, { ...asking, response });
    if (kind === OperationTypeNode.QUERY) return withStatus(400, await answerQuery(services, asking));
    const viewer = who.state === 'signed-in' ? who.viewer : undefined;
    const scope = scopes.scopeOf({ viewer, address, signal: end.signal });
    return withStatus(400, tellRateLimit(await executor.run(asked, scope), scope));
  } catch (error) {
    const masked = executor.mask(error);
    return withStatus(masked.extensions.code === 'UNAUTHENTICATED' ? 401 : 500, { errors: [masked] });
  }
}

/** Yoga looks at all other parameters by itself. */
const isName = (name: unknown) => name === undefined || name === null || typeof name === 'string';
