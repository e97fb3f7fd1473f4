import type { Session } from '../account/session.ts';

/** So long an answer may take. */
const answerWithinMs = 35_000;

/** `fetch` with the token of the session; asks once more, with a new token, when the server says that the old one is no good. */
export function createFetch(session: Session): typeof fetch {
  const once = async (url: Parameters<typeof fetch>[0], init: RequestInit | undefined) => {
    const token = await session.token();
    // What was still to be said when somebody signed out is not said any more.
    if (token === '') throw new TypeError('Nobody is signed in.');
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    const timeout = AbortSignal.timeout(answerWithinMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    return fetch(url, { ...init, headers, signal });
  };
  return async (url, init) => {
    const response = await once(url, init);
    if (response.status !== 401) return response;
    session.hear('UNAUTHENTICATED');
    return once(url, init);
  };
}
