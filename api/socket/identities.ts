import type { SessionId } from '../../schema/ids.ts';
import type { SignedIn } from '../identify.ts';
import type { SessionEnd, SessionWatch } from '../supervise-session.ts';
import type { Admission, SocketLimits } from './admission.ts';

/** The sessions that one socket lives by: one from `connection_init`, or several from tokens that come with single operations. */
export type Identities = {
  /** False when there is no place for one more: of this person, or on this socket. A newer token of a session prolongs it. */
  admit(signedIn: SignedIn): boolean;
  /** A session was refreshed: its newer token counts. Of a session that this socket does not live by it changes nothing. */
  readonly prolong: (refreshed: { readonly sessionId: SessionId; readonly expiresAt: Date }) => void;
  /** Gives all places back. */
  release(): void;
};

type Settings = {
  readonly sessions: SessionWatch;
  readonly admission: Pick<Admission, 'admitUser'>;
  readonly limits: Pick<SocketLimits, 'sessionsPerSocket'>;
  /** One of the sessions has ended, and with it the socket. */
  readonly onEnd: (end: SessionEnd) => void;
};

type Held = { readonly leave: () => void; readonly unwatch: () => void };

export function createIdentities({ sessions, admission, limits, onEnd }: Settings): Identities {
  const held = new Map<SessionId, Held>();
  let isReleased = false;
  return {
    admit({ viewer, expiresAt }) {
      const { sessionId } = viewer;
      if (isReleased) return false;
      const before = held.get(sessionId);
      if (before === undefined && held.size >= limits.sessionsPerSocket) return false;
      const leave = before?.leave ?? admission.admitUser(viewer)?.leave;
      if (leave === undefined) return false;
      before?.unwatch();
      held.set(sessionId, { leave, unwatch: sessions.watch({ sessionId, expiresAt }, onEnd) });
      return true;
    },
    prolong(refreshed) {
      const before = held.get(refreshed.sessionId);
      if (before === undefined) return;
      before.unwatch();
      held.set(refreshed.sessionId, { ...before, unwatch: sessions.watch(refreshed, onEnd) });
    },
    release() {
      isReleased = true;
      for (const { leave, unwatch } of held.values()) {
        leave();
        unwatch();
      }
      held.clear();
    },
  };
}
