import { type Answer, ask } from '../client/ask.ts';
import type { ChatOptions, EndOfSession } from './chat.ts';
import { documents, type RefreshData, type Session, type SignInData } from './documents.ts';

// region sign-in
export async function signIn({ httpUrl, handle, password }: ChatOptions): Promise<Session> {
  const device = { label: 'Firefox on the laptop', platform: 'WEB' };
  const variables = { input: { handle, password, device } };
  const { data, errors } = await ask<SignInData>(httpUrl, { query: documents.signIn, variables });
  if (!data) throw new Error(errors?.[0]?.message ?? 'There is no answer.'); // something is wrong: try again later
  if (data.signIn.__typename === 'SignInPayload') return data.signIn.session;
  throw new Error(data.signIn.explanation); // `data.signIn.code` is `WRONG_CREDENTIALS`, or `RATE_LIMITED`, …
}
// endregion

// region session
type Refresh = (refreshToken: string) => Promise<Answer<RefreshData>>;

/** Holds the newest tokens, and renews them at half of their life. */
export function keepSession(first: Session, { httpUrl, onSignedOut }: EndOfSession) {
  let session = first;
  let isDue = false;
  const overHttp: Refresh = (refreshToken) =>
    ask(httpUrl, { query: documents.refreshSession, variables: { input: { refreshToken } } });
  let refresh = overHttp;
  let timer = plan();

  function plan() {
    const leftMs = Date.parse(session.accessTokenExpiresAt) - Date.now();
    const isClockWrong = leftMs <= 0;
    return setTimeout(
      () => {
        isDue = true;
        void renew(refresh);
      },
      isClockWrong ? 300_000 : leftMs / 2,
    );
  }

  /** Without an answer nothing changes: the same refresh token is good for another try. */
  async function renew(how: Refresh) {
    clearTimeout(timer);
    const { data } = await how(session.refreshToken).catch((): Answer<RefreshData> => ({}));
    if (data?.refreshSession.__typename === 'RefreshSessionPayload') {
      session = data.refreshSession.session;
      isDue = false;
    } else if (data?.refreshSession.code === 'SESSION_REVOKED') return onSignedOut();
    timer = plan();
  }

  return {
    /** Never rejects: a client that gets no token gives up for ever. */
    async token() {
      if (isDue) await renew(overHttp);
      return session.accessToken;
    },
    /** Over the socket a refresh also prolongs the socket. */
    refreshOver: (socket: Refresh) => {
      refresh = socket;
    },
    /** For the code of each closed socket, and of each error. */
    hear(code: unknown) {
      if (code === 4403 || code === 'UNAUTHENTICATED') isDue = true;
      if (code === 4401) onSignedOut();
    },
    close: () => clearTimeout(timer),
  };
}
// endregion
export type KeptSession = ReturnType<typeof keepSession>;
