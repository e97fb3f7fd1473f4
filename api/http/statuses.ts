import { type ExecutionResult, GraphQLError } from 'graphql';
import { chatError } from '../../schema/errors.ts';
import { type MaskError, refusal } from '../mask-errors.ts';

/**
 * The status of an answer that has no data because its operation was refused. Yoga takes it out of the errors again. For clients
 * that accept only `application/json` a refused operation has 200, as the specification wants it.
 */
export function withStatus(status: number, result: ExecutionResult): ExecutionResult {
  if ('data' in result || result.errors === undefined) return result;
  const http = { status, spec: status < 500 };
  return { ...result, errors: result.errors.map((error) => withHttp(error, http)) };
}

type Http = {
  readonly status: number;
  readonly spec?: boolean;
  readonly headers?: { readonly [name: string]: string };
};

/** A copy: the same error may be on its way elsewhere. */
function withHttp(
  { message, nodes, source, positions, path, extensions }: GraphQLError,
  http: Http,
): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions, http } });
}

/** What is no request of GraphQL at all has its status for every client. */
export const malformed = (message: string): ExecutionResult => ({
  errors: [withHttp(chatError('BAD_USER_INPUT', message), { status: 400 })],
});

export const mutationByGet = (): ExecutionResult => ({
  errors: [
    withHttp(chatError('BAD_USER_INPUT', 'A mutation is sent by POST.'), {
      status: 405,
      headers: { Allow: 'POST' },
    }),
  ],
});

/** A subscription has no end, so it cannot be one answer of JSON. */
export const onlyAsEvents = (): ExecutionResult => ({
  errors: [
    withHttp(
      chatError('BAD_USER_INPUT', 'A subscription over HTTP is asked for with `Accept: text/event-stream`.'),
      {
        status: 406,
      },
    ),
  ],
});

/** The same result without what only Yoga reads, and the status that a request has for every client. */
export function takeStatus({ errors, ...rest }: ExecutionResult): {
  readonly result: ExecutionResult;
  readonly http: Http;
} {
  let http: Http = { status: 200 };
  if (errors === undefined) return { result: rest, http };
  const plain = errors.map((error) => {
    const { http: own, ...extensions } = error.extensions;
    if (isHttp(own) && own.spec !== true) http = own;
    const { message, nodes, source, positions, path } = error;
    return new GraphQLError(message, { nodes, source, positions, path, extensions });
  });
  return { result: { ...rest, errors: plain }, http };
}

/** For what Yoga refuses before an operation is known: it marks these errors with a status from 400 to 499. */
export function createRequestErrorMask(mask: MaskError): (error: unknown) => GraphQLError {
  return (error) => {
    if (error instanceof SyntaxError)
      return withHttp(chatError('BAD_USER_INPUT', 'This is no JSON.'), { status: 400 });
    if (!(error instanceof GraphQLError)) return mask(error);
    const { http } = error.extensions;
    return isHttp(http) ? withHttp(refusal(error, error.message), { ...http, spec: false }) : mask(error);
  };
}

const isHttp = (http: unknown): http is Http =>
  typeof http === 'object' &&
  http !== null &&
  'status' in http &&
  Number(http.status) >= 400 &&
  Number(http.status) < 500;
