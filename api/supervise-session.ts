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

/** One for a server: all that is open for a session is found by its id. */
export function createSessionWatch({ clock, revocations }: Settings): SessionWatch {
  const listeners = new Map<SessionId, Set<() => void>>();
  const stop = revocations.onRevoked((sessionId) => {
    for (const onRevoked of listeners.get(sessionId) ?? []) onRevoked();
  });

  function listen(sessionId: SessionId, onRevoked: () => void): () => void {
    const ofSession = listeners.get(sessionId) ?? new Set();
    listeners.set(sessionId, ofSession.add(onRevoked));
    return () => {
      ofSession.delete(onRevoked);
      if (ofSession.size === 0 && listeners.get(sessionId) === ofSession) listeners.delete(sessionId);
    };
  }

  return {
    watch({ sessionId, expiresAt }, onEnd) {
      const released = new AbortController();
      const release = () => {
        if (released.signal.aborted) return;
        released.abort();
        unlisten();
        unwatch();
      };
      const end = (why: SessionEnd) => {
        if (released.signal.aborted) return;
        release();
        onEnd(why);
      };
      const unlisten = listen(sessionId, () => end('revoked'));
      const unwatch = revocations.watch(sessionId);
      void clock.sleep(expiresAt.getTime() - clock.now(), released.signal).then(() => end('expired'));
      return release;
    },
    close() {
      stop();
      listeners.clear();
    },
  };
}
