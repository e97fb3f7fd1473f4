import type { Passwords } from './account/passwords.ts';
import type { Authors } from './authors.ts';
import type { DeviceId, SessionId, UserId } from './ids.ts';
import type { ServerLimits } from './limits.ts';
import type { Platform } from './ports/platform.ts';
import type { Presence } from './presence/open-presence.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Fleet } from './server/fleet.ts';
import type { AccessTokens } from './session/access-tokens.ts';
import { type InOrder, unordered } from './stream/in-order.ts';
import type { Stream } from './stream/stream.ts';
import type { Typing } from './typing/open-typing.ts';
import type { WakeObserver } from './wake/keep-decisions.ts';

/** The user behind a scope, on which device, by which session. */
export type Viewer = { readonly id: UserId; readonly deviceId: DeviceId; readonly sessionId: SessionId };

/** What slices reach only through `stream`, `presence`, `typing` and `fleet`. */
type Hidden = 'log' | 'bus' | 'memberships' | 'positions' | 'contacts' | 'leases';

/** What a whole process shares. */
export interface Product extends Omit<Platform, Hidden> {
  readonly stream: Stream;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly accessTokens: AccessTokens;
  readonly passwords: Passwords;
  readonly authors: Authors;
  readonly limits: ServerLimits;
  readonly rateLimits: RateLimits;
  /** The servers that run, for `server { socketEndpoints }`. */
  readonly fleet: Fleet;
  /** Tells every server that this session has ended: its sockets are cut. A hint; the row is the truth. */
  readonly announceRevoked: (sessionId: SessionId) => void;
  /** Told what is decided about notifications, and what is pushed. */
  readonly wakeObserver?: WakeObserver | undefined;
}

/** Who acts, with what. The first argument of every operation, and GraphQL's context. */
export interface Scope extends Product {
  readonly viewer: Viewer | undefined;
  /** The network address of whoever asks; absent when it is this process itself, which is not limited by where it comes from. */
  readonly address?: string | undefined;
  /** The order of sends: of one socket they are recorded as they arrived; over HTTP nothing is promised. */
  readonly inOrder: InOrder;
  /** Aborts when whoever asked is gone: the subscription ended, its socket closed. For readers that a subscription opens. */
  readonly signal?: AbortSignal;
  /** Told when an operation of this scope refreshed a session: a socket that lives by it then lives longer. */
  readonly onRefreshed?: (refreshed: { readonly sessionId: SessionId; readonly expiresAt: Date }) => void;
  /**
   * Only while one execution serves several viewers: all that is known of them. `viewer` throws then, so that a field which
   * depends on it and is marked `sameForAll` by mistake fails, and never shows one person what is another's. `viewerIs` asks
   * in both cases.
   */
  readonly sharedView?: SharedView;
}

/** Several viewers of one event: all of them are the author of its message (one person, several devices), or none is. */
export type SharedView = { readonly authorId: UserId | undefined; readonly isAuthor: boolean };

/** A scope with somebody behind it. */
export interface ViewerScope extends Scope {
  readonly viewer: Viewer;
}

/** For what the product does by itself: for nobody, or for this person as they would see it. */
export const systemScope = (product: Product, viewer?: Viewer): Scope => ({
  ...product,
  viewer,
  inOrder: unordered,
});
