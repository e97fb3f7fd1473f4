import { randomUUID } from 'node:crypto';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../prisma/database-away.ts';
import { chatError, errorCatalogue, hasCode, isErrorCode } from '../schema/errors.ts';
import { LeasesAwayError } from '../schema/ports/leases.ts';

/** Turns any failure into an error that may leave the server: its code is one of the catalogue. */
export type MaskError = (error: unknown) => GraphQLError;

type Options = {
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  /** False: what is only known from the schema ("Did you mean …?") is left out of messages. */
  readonly isIntrospectionOpen: boolean;
};

/** A database that restarts is back after some seconds. */
const retryAfterMs = 2_000;
/** While it is away each request fails, which the log need not hear from each: thousands of lines would fill a disk, and say the same. */
const tellAgainMs = 1_000;

/** What graphql-js says, in the middle of an execution, of a client that gave null through a variable where there may be none. */
const badArgument = /^Argument "/;
const suggestion = / Did you mean [^?]*\?/g;

/**
 * Made once per server. Ours passes as it is; what the caller did wrong becomes `BAD_USER_INPUT`; a database that cannot be
 * reached is `UNAVAILABLE`, and so is who is there while nobody can tell; everything else becomes
 * `INTERNAL_SERVER_ERROR` with a `requestId` under which its cause is logged: once, however many fields or viewers it hits.
 */
export function createErrorMask({ logger, isIntrospectionOpen }: Options): MaskError {
  const requestIds = new WeakMap<object, string>();

  function requestIdOf(cause: unknown, path: GraphQLError['path']): string {
    const known = isObject(cause) ? requestIds.get(cause) : undefined;
    if (known !== undefined) return known;
    const requestId = randomUUID();
    if (isObject(cause)) requestIds.set(cause, requestId);
    logger.error({ err: cause, requestId, path: path?.join('.') }, 'An operation failed unexpectedly.');
    return requestId;
  }

  const tellThatItIsAway = createAwayTeller(logger);

  return (error) => {
    const located = error instanceof GraphQLError ? error : undefined;
    const cause = causeOf(error);
    if (located && isOurs(located, cause)) return located;
    if (located && isCallersMistake(located, cause)) {
      const message = isIntrospectionOpen ? located.message : located.message.replaceAll(suggestion, '');
      return refusal(located, message);
    }
    const { nodes, path } = located ?? {};
    if (isDatabaseAway(cause) || cause instanceof LeasesAwayError) {
      tellThatItIsAway(cause, path);
      const { extensions } = chatError('UNAVAILABLE', undefined, { retryAfterMs });
      const masked = new GraphQLError(errorCatalogue.UNAVAILABLE, { nodes, path, extensions });
      if (cause instanceof LeasesAwayError) ofLeases.add(masked);
      return masked;
    }
    const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId: requestIdOf(cause, path) };
    return new GraphQLError(errorCatalogue.INTERNAL_SERVER_ERROR, { nodes, path, extensions });
  };
}

/** One line, and then one in a while with how often it was not told. */
function createAwayTeller(logger: Pick<Logger, 'warn'>): (err: unknown, path: GraphQLError['path']) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (err, path) => {
    const now = performance.now();
    if (now - toldAt < tellAgainMs) {
      untold += 1;
      return;
    }
    logger.warn({ err, path: path?.join('.'), untold }, 'A store could not be reached.');
    toldAt = now;
    untold = 0;
  };
}

const ofLeases = new WeakSet<Error>();
/** Whether what was asked for could not be read, and will be: not so of who is there now, which is soon otherwise, and told by itself. */
export const isWorthWaiting = (error: GraphQLError): boolean =>
  hasCode(error, 'UNAVAILABLE') && !ofLeases.has(error);

/** The result with every error masked. */
export function maskResult<R extends Pick<ExecutionResult, 'errors'>>(result: R, mask: MaskError): R {
  return result.errors === undefined ? result : { ...result, errors: result.errors.map(mask) };
}

/** A request that cannot even be begun, in the words of graphql-js, with a code of ours and its places in the document. */
export function refusal(
  { nodes, source, positions, path }: GraphQLError,
  message: string,
  code: 'BAD_USER_INPUT' | 'QUERY_TOO_COMPLEX' = 'BAD_USER_INPUT',
): GraphQLError {
  const { extensions } = chatError(code);
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What was thrown first: graphql-js wraps it once per place it passes through. */
function causeOf(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 10; depth += 1) {
    if (!(cause instanceof GraphQLError) || cause.originalError === undefined) return cause;
    cause = cause.originalError;
  }
  return cause;
}

/** Made by `chatError`, or masked before. A code on anything else is a coincidence. */
const isOurs = ({ extensions }: GraphQLError, cause: unknown) =>
  cause instanceof GraphQLError &&
  isErrorCode(extensions.code) &&
  (extensions.code !== 'INTERNAL_SERVER_ERROR' || extensions.requestId !== undefined);

/** What graphql-js finds wrong before it executes has no path: syntax, validation, variables. */
const isCallersMistake = ({ path, message }: GraphQLError, cause: unknown) =>
  path === undefined || (cause instanceof GraphQLError && badArgument.test(message));
