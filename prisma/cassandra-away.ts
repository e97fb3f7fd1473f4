import { errors, types } from 'cassandra-driver';

const { responseErrorCodes: codes } = types;

/** Of the answers of Cassandra, those that blame the statement: it was not, and will never be, carried out. */
const refusals: ReadonlySet<number> = new Set([
  ...[codes.protocolError, codes.badCredentials, codes.syntaxError, codes.unauthorized, codes.invalid],
  codes.configError,
]);

/** Whether this failure blames what was asked, and not Cassandra or the way to it. */
export const isCassandraRefusal = (error: unknown): boolean =>
  error instanceof errors.ResponseError
    ? refusals.has(error.code)
    : [TypeError, errors.ArgumentError, errors.AuthenticationError, errors.NotSupportedError].some(
        (kind) => error instanceof kind,
      );

const away = new WeakSet<Error>();

/** For whoever asks the client: some of what it says when it has no connection are errors like any other, and known only there. */
export function noteCassandraFailure(error: unknown): void {
  if (error instanceof Error && !isCassandraRefusal(error)) away.add(error);
}

/**
 * Whether this failure says that Cassandra cannot be reached or has too few copies now, or that nobody knows whether it did what was
 * asked: it says nothing about the statement itself.
 */
export const isCassandraAway = (error: unknown): boolean =>
  error instanceof Error &&
  (away.has(error) || (error instanceof errors.DriverError && !isCassandraRefusal(error)));
