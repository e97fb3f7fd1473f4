import type { ExecutionResult } from 'graphql';
import { isChatError } from '../../schema/errors.ts';
import { type SseServices, type SseSubscription, watchSession } from './subscribe-over-sse.ts';
import { tellRateLimit } from './tell-rate-limit.ts';

/**
 * Answers a query. It may wait for what it asks (`changes`), so it ends like a stream: with its client and its server, and with
 * the session or its token. Rejects with `UNAUTHENTICATED` then: nothing is shown any more.
 */
export async function answerQuery(
  { executor, scopes, sessions }: Pick<SseServices, 'executor' | 'scopes' | 'sessions'>,
  { request, who, address, end }: Omit<SseSubscription, 'response'>,
): Promise<ExecutionResult> {
  const viewer = who.state === 'signed-in' ? who.viewer : undefined;
  const unwatch = watchSession(sessions, who, end);
  try {
    const scope = scopes.scopeOf({ viewer, address, signal: end.signal });
    const result = await executor.run(request, scope);
    const why: unknown = end.signal.reason;
    if (isChatError(why)) throw why;
    return tellRateLimit(result, scope);
  } finally {
    unwatch();
  }
}
