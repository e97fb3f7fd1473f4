import { isCassandraAway } from './cassandra-away.ts';
import { codeOf } from './start-error.ts';

/** PostgreSQL could not do it now: it stops or starts, has no connection or no room left, or does not find the time. */
const passingStates = /^(08|53|57)...$|^(25006|55P03)$/;
/** What the operating system says of a connection. */
const network = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** The same in the words of Prisma: not reached, too slow, closed, no connection free in time. */
const prismaCodes = /^(P1001|P1002|P1008|P1017|P2024)$/;
/** A raw statement, and any other: PostgreSQL's own code stands in the words, unless it was not reached. */
const withOwnCode = /^(P2010|P2039)$/;
function codeIn(words: string): string | undefined {
  const code = /Code: `([^`]+)`/.exec(words)?.[1];
  return code === 'N/A' && /Can't reach database server|closed the connection|timed out/.test(words)
    ? 'P1001'
    : code;
}
/** `pg` and its pool have no codes for these. */
const wordsOfPg =
  /^Connection terminated|^timeout exceeded when trying to connect|^Query read timeout|^Client has encountered a connection error|^Client was closed|^Connection ended unexpectedly|^No connection to PostgreSQL was free/;

/** Whether this failure says that the database, or Cassandra beside it, cannot be reached now, and nothing about what was asked of it. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isCassandraAway(error)) return true;
  const own = codeOf(error);
  const code = own !== undefined && withOwnCode.test(own) ? codeIn(error.message) : own;
  if (code !== undefined) return [passingStates, network, prismaCodes].some((pattern) => pattern.test(code));
  return wordsOfPg.test(error.message);
}
