import { codeOf, type StartError, startError } from './start-error.ts';

/** Failures that whoever set DATABASE_URL can solve, by the code of PostgreSQL or of the operating system. */
const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: start PostgreSQL, or correct the host and port',
  ENOTFOUND: 'there is no such host: correct it',
  EAI_AGAIN: 'the name of the host cannot be looked up: correct it, or repair the network',
  ETIMEDOUT: 'it does not answer: correct the host and port, or open the firewall',
  EHOSTUNREACH: 'the host cannot be reached: correct it, or repair the network',
  '28P01': 'it refuses the password: correct user and password',
  '28000': 'it refuses this user: correct the user, or allow it in pg_hba.conf',
  '3D000': 'there is no such database: create it, or correct the name',
  '42501': 'the user may not do that: let it own the database',
  '53300': 'it has no connection left: raise max_connections, or stop something else',
  '53100': 'its disk is full: free some space',
  '55P03': 'another server has been migrating it for a long time: wait for that one',
  '57P03': 'it is starting or stopping: try again in a moment',
};

/** What to say when a database cannot be used at the start. Never tells the password. */
export function databaseProblem(error: unknown, url: string): StartError {
  const reason = error instanceof Error ? error.message : String(error);
  const advice = problems[codeOf(error) ?? ''] ?? `${reason}: check DATABASE_URL`;
  return startError(`The database at ${withoutPassword(url)} cannot be used: ${advice}.`, error);
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
