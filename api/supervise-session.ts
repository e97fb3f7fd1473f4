import type { SessionId } from '../schema/ids.ts';
import type { Clock } from '../schema/ports/clock.ts';
import type { Revocations } from './revocations.ts';

/** Why a session may not go on with what it opened. */
export type SessionEnd = 'expired' | 'revoked';

type Settings = {
  readonly clock: Clock;
  readonly revocations: Pick<Revocations, 'onRevoked' | 'watch'>;
};

/** Watches the sessions behind sockets and streams. */
export type SessionWatch = {
  /** Calls `onEnd` once, when the token expires or the session is revoked; what is returned ends the watching. */
  watch(
    session: { readonly sessionId: SessionId; readonly expiresAt: Date },
    onEnd: (end: SessionEnd) => void,
  ): () => void;
  close(): void;
};

/** Tokens expire at whole seconds, so that each is looked at when it does. A timer for each would be tens of thousands of them. */
const lookEveryMs = 1_000;

type Watched = {
  readonly sessionId: SessionId;
  readonly expiresAt: number;
  readonly onEnd: (end: SessionEnd) => void;
  readonly unwatch: () => void;
};

/** One for a server: all that is open for a session is found by its id. */
export function createSessionWatch({ clock, revocations }: Settings): SessionWatch {
  /** A list of a session is replaced, never changed: whoever goes through it is not disturbed. */
  const watched = new Map<SessionId, readonly Watched[]>();
  /** Until then no token expires, so nobody is looked at: idle sockets cost nothing here. */
  let soonest = Number.POSITIVE_INFINITY;
  const end = new AbortController();
  const stop = revocations.onRevoked((sessionId) => {
    for (const one of watched.get(sessionId) ?? []) finish(one, 'revoked');
  });

  /** False when that had been done before. */
  function release(one: Watched): boolean {
    const ofSession = watched.get(one.sessionId) ?? [];
    const others = ofSession.filter((other) => other !== one);
    if (others.length === ofSession.length) return false;
    if (others.length > 0) watched.set(one.sessionId, others);
    else watched.delete(one.sessionId);
    one.unwatch();
    return true;
  }
  function finish(one: Watched, why: SessionEnd): void {
    if (release(one)) one.onEnd(why);
  }

  async function endExpired(): Promise<void> {
    while (!end.signal.aborted) {
      await clock.sleep(lookEveryMs - (clock.now() % lookEveryMs), end.signal);
      const now = clock.now();
      if (now < soonest) continue;
      const all = [...watched.values()].flat();
      // Before anybody hears of their end, as they may watch another one then.
      soonest = Number.POSITIVE_INFINITY;
      for (const one of all) {
        if (one.expiresAt <= now) finish(one, 'expired');
        else soonest = Math.min(soonest, one.expiresAt);
      }
    }
  }
  void endExpired();

  return {
    watch({ sessionId, expiresAt }, onEnd) {
      const one = { sessionId, expiresAt: expiresAt.getTime(), onEnd, unwatch: revocations.watch(sessionId) };
      watched.set(sessionId, [...(watched.get(sessionId) ?? []), one]);
      soonest = Math.min(soonest, one.expiresAt);
      return () => void release(one);
    },
    close() {
      stop();
      end.abort();
    },
  };
}
