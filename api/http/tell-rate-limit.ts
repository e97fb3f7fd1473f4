import type { ExecutionResult } from 'graphql';
import { rateLimitIn } from '../../schema/operation-limits.ts';
import type { Scope } from '../../schema/scope.ts';

/**
 * Adds `extensions.rateLimit { bucket remaining resetAt cost }` to an answer over HTTP, so that a client can slow down before it is
 * told to. Sockets do not carry it: what is pushed costs nobody's share.
 */
export function tellRateLimit(result: ExecutionResult, scope: Scope): ExecutionResult {
  const left = rateLimitIn(scope);
  if (left === undefined) return result;
  const rateLimit = { ...left, resetAt: new Date(left.resetAt).toISOString() };
  return { ...result, extensions: { ...result.extensions, rateLimit } };
}
