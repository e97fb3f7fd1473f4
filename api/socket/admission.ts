import { chatError } from '../../schema/errors.ts';
import type { UserId } from '../../schema/ids.ts';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Presence } from '../../schema/presence/open-presence.ts';
import type { Viewer } from '../../schema/scope.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What one socket, one address and one person may do. Figures without a unit are counts. */
export type SocketLimits = {
  readonly operationsPerSocket: number;
  readonly socketsPerUser: number;
  readonly socketsPerAddress: number;
  /** Sockets of one address that have not been acknowledged yet. */
  readonly pendingSocketsPerAddress: number;
  /** How many new sockets a server takes in the long run, and at once: after its restart all clients come back together. */
  readonly socketsPerSecond: number;
  readonly socketsBurst: number;
  /** Different sessions whose tokens come with single operations of one socket, as GraphiQL sends them. */
  readonly sessionsPerSocket: number;
  /** What a socket may send in the long run, and at once. Pings and pongs count. */
  readonly framesPerSecond: number;
  readonly framesBurst: number;
  /** Frames that were read already when the reading was paused. */
  readonly maxWaitingFrames: number;
  /** After so long above its rate a socket is sent away. */
  readonly floodMs: number;
  /** Above so many bytes waiting to be sent, nothing more is read and no event is pulled. */
  readonly congestedBytes: number;
  /** A frame that is to be sent when more than this is waiting ends the socket. */
  readonly maxBufferedBytes: number;
  /** A socket that stays congested for so long is dead, or does not want to read. */
  readonly congestedMs: number;
  readonly maxPayloadBytes: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  /** A ping that is not answered before the next one ends the socket: half-open ones are found within twice this. */
  readonly heartbeatMs: number;
  /** A socket says `connection_init` within this time. */
  readonly initMs: number;
  /** How long the other side may take to answer a close. */
  readonly closeMs: number;
};

/** Starting values; those that operators need to change are settings. Each has a test in api/test/attacks. */
export const socketLimits: SocketLimits = Object.freeze({
  operationsPerSocket: 64,
  socketsPerUser: 20,
  socketsPerAddress: 1_000,
  pendingSocketsPerAddress: 100,
  socketsPerSecond: 1_000,
  socketsBurst: 2_000,
  sessionsPerSocket: 8,
  framesPerSecond: 50,
  framesBurst: 200,
  maxWaitingFrames: 1_000,
  floodMs: 10_000,
  congestedBytes: 262_144,
  maxBufferedBytes: 1_048_576,
  congestedMs: 15_000,
  maxPayloadBytes: 65_536,
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  heartbeatMs: 12_000,
  initMs: 3_000,
  closeMs: 2_000,
});

/** When something is given up (an operation, a socket) is not known: a second is soon enough to ask again. */
export const tooMany = (message: string) => chatError('RATE_LIMITED', message, { retryAfterMs: 1_000 });

/** A limit of a single socket, as it is counted when somebody meets it. */
export type SocketRefusal = 'operations-of-socket' | 'frames-of-socket';

/** Counts who is here. Each method says whether there was room, and hands back what gives the place back. */
export type Admission = {
  /** A socket that has just been opened, not acknowledged yet. `settle` is called when it is. */
  admitSocket(address: string): { settle(): void; leave(): void } | undefined;
  /**
   * Whether the server may take one more socket just now; asked when its address has a place for it, so that one that is at its limit
   * uses up nothing of what is there for all. Whoever is refused comes back a little later, and finds it at rest.
   */
  admitNow(): boolean;
  /** A socket on which this person is signed in, who is there for others as long as it has its place. */
  admitUser(viewer: Viewer): { leave(): void } | undefined;
  readonly counts: { readonly sockets: number; readonly pendingSockets: number };
};

type Caps = Pick<
  SocketLimits,
  'socketsPerUser' | 'socketsPerAddress' | 'pendingSocketsPerAddress' | 'socketsPerSecond' | 'socketsBurst'
>;
type Parts = { readonly presence: Pick<Presence, 'connect'>; readonly clock: Pick<Clock, 'now'> };

/** One for all sockets of a server. */
export function createAdmission(caps: Caps, { presence: { connect }, clock }: Parts): Admission {
  const openings = createTokenBucket({ perSecond: caps.socketsPerSecond, burst: caps.socketsBurst }, clock);
  const byAddress = createCounter<string>(caps.socketsPerAddress);
  const pendingByAddress = createCounter<string>(caps.pendingSocketsPerAddress);
  const byUser = createCounter<UserId>(caps.socketsPerUser);
  return {
    admitNow: openings.take,
    admitSocket(address) {
      const leavePending = pendingByAddress.enter(address);
      if (leavePending === undefined) return undefined;
      const leaveAddress = byAddress.enter(address);
      if (leaveAddress === undefined) {
        leavePending();
        return undefined;
      }
      return {
        settle: leavePending,
        leave() {
          leavePending();
          leaveAddress();
        },
      };
    },
    admitUser({ id: userId, deviceId }) {
      const leavePlace = byUser.enter(userId);
      if (leavePlace === undefined) return undefined;
      const disconnect = connect({ userId, deviceId });
      return {
        leave() {
          disconnect();
          leavePlace();
        },
      };
    },
    get counts() {
      return { sockets: byAddress.total, pendingSockets: pendingByAddress.total };
    },
  };
}

/** Counts by key, up to a most per key. `enter` gives what leaves again, once, or undefined when the key is full. */
function createCounter<K>(most: number) {
  const counts = new Map<K, number>();
  const change = (key: K, by: number) => {
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
    counter.total += by;
  };
  const counter = {
    total: 0,
    enter(key: K): (() => void) | undefined {
      if ((counts.get(key) ?? 0) >= most) return undefined;
      change(key, 1);
      let isIn = true;
      return () => {
        if (isIn) change(key, -1);
        isIn = false;
      };
    },
  };
  return counter;
}
