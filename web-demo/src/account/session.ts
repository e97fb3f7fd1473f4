import { RefreshSessionDocument, type RefreshSessionMutation } from '../gql/graphql.ts';
import { browserLocks } from '../tabs/locks.ts';
import { forgetTokens, readAccount, writeAccount } from './accounts.ts';
import { type Answer, ask } from './ask.ts';
import { renewing } from './names.ts';
import { workerKey } from './places.ts';
import { tokensOf } from './tokens.ts';

export type Refresh = (refreshToken: string) => Promise<Answer<RefreshSessionMutation>>;

/** The tokens of one account, shared by all tabs of this browser. */
export type Session = {
  /** A good access token as far as one knows. Never rejects: a socket that gets none would give up for ever. */
  token(): Promise<string>;
  /** For the code of each closed socket and of each error. */
  hear(code: unknown): void;
  /** For the tab that has a socket: a refresh over it also prolongs the socket. What is returned ends that. */
  keepFresh(overSocket: Refresh): () => void;
  /** To be told that it has ended, here or from elsewhere. */
  onSignedOut(listener: () => void): void;
};

/** The worker renews tokens as well, where it is told what was said: see what that file says of it. */
const sharedWith = async (viewerId: string) =>
  localStorage.getItem(workerKey) === viewerId
    ? import('../notification/shared-tokens.ts').catch(() => undefined) // to be signed in comes first
    : undefined;

/** In case a refresh got no answer. */
const againMs = 15_000;

export function openSession(viewerId: string): Session {
  let isDue = false;
  let onSignedOut = () => {};
  const overHttp: Refresh = (refreshToken) => ask(RefreshSessionDocument, { refreshToken });

  /** One tab at a time: a token that was used twice for different successors would look like a theft. */
  const renew = (how: Refresh) =>
    browserLocks.request(renewing(viewerId), {}, async () => {
      const shared = await sharedWith(viewerId);
      await shared?.takeNewer(viewerId);
      const before = readAccount(viewerId);
      if (!before?.tokens) return onSignedOut();
      const isFresh = !isDue && Date.now() < before.tokens.renewAt; // another tab was quicker
      if (isFresh) return;
      const answer = await how(before.tokens.refreshToken).catch(() => undefined);
      const refreshed = answer?.data?.refreshSession;
      if (refreshed?.__typename === 'RefreshSessionPayload') {
        isDue = false;
        const tokens = tokensOf(refreshed.session);
        await shared?.share({ viewerId, tokens });
        writeAccount({ ...before, tokens });
      } else if (refreshed?.code === 'SESSION_REVOKED') {
        forgetTokens(viewerId);
        onSignedOut();
      }
    });

  return {
    async token() {
      const { tokens } = readAccount(viewerId) ?? {};
      if (isDue || Date.now() >= (tokens?.renewAt ?? 0)) await renew(overHttp).catch(() => undefined);
      return readAccount(viewerId)?.tokens?.accessToken ?? '';
    },
    hear(code) {
      if (code === 4403 || code === 'UNAUTHENTICATED') isDue = true;
      if (code !== 4401) return;
      forgetTokens(viewerId);
      onSignedOut();
    },
    onSignedOut(listener) {
      onSignedOut = listener;
      // Another tab has heard of it.
      window.addEventListener('storage', ({ key }) => {
        if (key?.endsWith(viewerId) && !readAccount(viewerId)?.tokens) listener();
      });
    },
    keepFresh(overSocket) {
      const timer = setInterval(() => {
        const { tokens } = readAccount(viewerId) ?? {};
        if (tokens && Date.now() >= tokens.renewAt) void renew(overSocket).catch(() => undefined);
      }, againMs);
      return () => clearInterval(timer);
    },
  };
}
