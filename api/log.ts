import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';

/** Words that never reach a log, wherever they stand in what is logged: secrets, and what people wrote. */
const secretWords = [
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'privateJwk',
  'connectionString',
  'DATABASE_URL',
  'REDIS_URL',
  'CASSANDRA_PASSWORD',
  'text',
  'body',
  'variables',
];
/** At the top, in one object, and in an object in it: redaction does not look for itself. */
const redactedPaths = secretWords.flatMap((word) => [word, `*.${word}`, `*.*.${word}`]);

/** A chain of causes this long tells enough; a circle of causes ends. */
const maxCauses = 4;

/**
 * What a log says of an error: what kind, its message, where. Nothing else that hangs on it: PostgreSQL's `detail`
 * repeats whole rows, and a GraphQL error has the document.
 */
function describeError(error: unknown, causes = maxCauses): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  const { name, message, stack, cause } = error;
  const inner = cause === undefined || causes === 0 ? undefined : describeError(cause, causes - 1);
  return { type: name, message, code, stack, cause: inner };
}

/**
 * JSON lines, on standard error unless a test says otherwise. Written at once, so that the last words before an exit
 * are not lost.
 */
export function createLog(
  level: Config['LOG_LEVEL'],
  to: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: undefined, // one process writes it: its id and host name tell nothing
      redact: { paths: redactedPaths, censor: '[redacted]' },
      serializers: { err: (error) => describeError(error), error: (error) => describeError(error) },
    },
    to,
  );
}
