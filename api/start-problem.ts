import { codeOf, isStartError } from '../prisma/start-error.ts';
import type { Config } from './config.ts';

/** What whoever runs Parley can do about a failed start; undefined when the failure is a mistake of ours. */
export function startProblemOf(error: unknown, config?: Config): string | undefined {
  if (isStartError(error)) return error.message;
  if (!config || !(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen')
    return undefined;
  const at = `Port ${config.PORT} on ${config.HOST}`;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${at} is in use: stop the program that has it, or take another one with PORT=${config.PORT + 1}.`;
    case 'EACCES':
      return `${at} may only be used by root: take one above 1023 with PORT=4000.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${config.HOST} is no address of this computer: set HOST=127.0.0.1, or HOST=0.0.0.0 for all of them.`;
    default:
      return `${at} cannot be listened on (${codeOf(error)}): set PORT and HOST to others.`;
  }
}
