import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { chatError } from '../../schema/errors.ts';
import type { Viewer } from '../../schema/scope.ts';
import { subscribePlainly } from '../delivery/subscribe-plainly.ts';
import type { Executor, OperationRequest } from '../execute-operation.ts';
import { type Anonymous, type SignedIn, tokenProblems } from '../identify.ts';
import type { Scopes } from '../scopes.ts';
import { type Admission, tooMany } from '../socket/admission.ts';
import type { SessionWatch } from '../supervise-session.ts';
import type { EventStreams } from './event-stream.ts';
import { withStatus } from './statuses.ts';

export type SseServices = {
  readonly executor: Executor;
  readonly scopes: Scopes;
  readonly sessions: SessionWatch;
  /** A stream takes a place like a socket: of its address, and of its person. */
  readonly admission: Pick<Admission, 'admitNow' | 'admitSocket' | 'admitUser'>;
  readonly streams: EventStreams;
};

export type SseSubscription = {
  readonly request: OperationRequest;
  readonly who: SignedIn | Anonymous;
  /** Where it comes from. */
  readonly address: string;
  readonly response: ServerResponse;
  readonly end: AbortController;
};

/** What is left to say when everything has been said, or when nothing that could be said would be accepted. */
export const nothing: ExecutionResult = Object.freeze({});

/**
 * Streams a subscription to its end and resolves with `nothing`, or with why there is no stream. It ends with the session or
 * its token, as a socket does: a last result says why, and its client refreshes, or signs in, and comes back with its cursors.
 */
export async function subscribeOverSse(
  services: SseServices,
  { request, who, address, response, end }: SseSubscription,
): Promise<ExecutionResult> {
  const viewer = who.state === 'signed-in' ? who.viewer : undefined;
  const leave = takePlaces(services.admission, address, viewer);
  if (typeof leave === 'string') return withStatus(429, { errors: [tooMany(leave)] });
  const unwatch = watchSession(services.sessions, who, end);
  try {
    const scopeOf = () => services.scopes.scopeOf({ viewer, address, signal: end.signal });
    const results = await subscribePlainly(services.executor, { request, scopeOf, end });
    if (!(Symbol.asyncIterator in results)) return withStatus(400, results);
    await services.streams.send(results, { response, end });
    return nothing;
  } finally {
    end.abort();
    unwatch();
    leave();
  }
}

/** Gives back what gives the places back, or says where there is none. */
function takePlaces(
  admission: SseServices['admission'],
  address: string,
  viewer?: Viewer,
): (() => void) | string {
  const ofAddress = admission.admitSocket(address);
  if (ofAddress === undefined) return 'There are too many sockets of this address.';
  if (!admission.admitNow()) {
    ofAddress.leave();
    return 'Too many sockets are being opened at once.';
  }
  ofAddress.settle();
  if (viewer === undefined) return ofAddress.leave;
  const ofUser = admission.admitUser(viewer);
  if (ofUser !== undefined)
    return () => {
      ofUser.leave();
      ofAddress.leave();
    };
  ofAddress.leave();
  return 'There are too many sockets of this person.';
}

/** Ends an operation with its session or its token, and says so by the reason. What it answers ends the watching. */
export function watchSession(
  sessions: SessionWatch,
  who: SignedIn | Anonymous,
  end: AbortController,
): () => void {
  if (who.state === 'anonymous') return () => {};
  const { viewer, expiresAt } = who;
  return sessions.watch({ sessionId: viewer.sessionId, expiresAt }, (why) =>
    end.abort(chatError('UNAUTHENTICATED', tokenProblems[why])),
  );
}
