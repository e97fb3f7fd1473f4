import { deferred, sleep } from './deferred.ts';
import type { Session } from './documents.ts';
import { createFold, type Fold } from './fold.ts';
import { createFollowing, type Following } from './follow.ts';
import type { Endpoint } from './options.ts';
import { endpointBut, type Play, waitAgain } from './play.ts';
import { createReading } from './reading.ts';
import { keepSession } from './session.ts';
import { type Closed, openWire, type Wire } from './wire.ts';

/** A device of somebody, with one socket at a time, from its sign-in to the end of its session. */
export type Device = {
  readonly name: string;
  readonly userId: string;
  /** What servers call it. */
  readonly deviceId: string;
  readonly fold: Fold;
  readonly following: Following;
  /** Its socket, as soon as it has one. Undefined when it never will: its session has ended, or everything has. */
  ready(): Promise<Wire | undefined>;
  /** Its socket, if it has one now. */
  wire(): Wire | undefined;
  /** Somebody is about to end its session. */
  expectEnd(): void;
  mayEnd(): boolean;
  hasEnded(): boolean;
  /** A server said this. */
  hear(code: string): void;
  /** Closes its socket, and opens none for so long, unless nobody begins anything new. */
  goAway(ms: number): void;
  /** It comes back without waiting, the next time. */
  hurry(): void;
  /** Nothing is to be read anew. */
  hasRead(): boolean;
  close(): void;
};

type Settings = {
  readonly play: Play;
  readonly name: string;
  readonly userId: string;
  readonly session: Session;
};

/** What ends a socket that its server could have gone on with. */
const ownWill = new Set(['closed by itself', 'lost by chance', 'reset', 'storm']);

export function openDevice({ play, name, userId, session: first }: Settings): Device {
  const onProblem = (words: string) => play.problem(`${name}: ${words}`);
  const fold = createFold();
  let [mayEnd, hasEnded, isHurried, hasFailed] = [false, false, false, false];
  let awayMs = 0;
  let failures = 0;
  let endpoint: Endpoint | undefined;
  /** The one that it has, or is about to have; `wire` is one that it can use. */
  let current: Wire | undefined;
  let wire: Wire | undefined;
  let waiting = deferred<Wire | undefined>();
  const session = keepSession({ play, first, mayEnd: () => mayEnd, onProblem });
  const reading = createReading(play, () => device);
  const onReadAnew = reading.want;
  const following = createFollowing({ play, device: { name, userId }, fold, onReadAnew, onProblem });
  const device: Device = {
    name,
    userId,
    deviceId: session.deviceId,
    fold,
    following,
    ready: () => (wire === undefined ? waiting.promise : Promise.resolve(wire)),
    wire: () => wire,
    expectEnd() {
      mayEnd = true;
    },
    mayEnd: () => mayEnd,
    hasEnded: () => hasEnded,
    hear: session.hear,
    goAway(ms) {
      awayMs = ms;
      current?.close();
    },
    hurry() {
      isHurried = true;
    },
    hasRead: reading.isDone,
    close() {
      session.close();
      current?.close();
    },
  };

  async function live(): Promise<void> {
    while (!play.closing.aborted) {
      const token = await session.token();
      if (token === undefined) break;
      session.hear((await visit(token)).code);
      await rest();
    }
    hasEnded = true;
    session.close();
    waiting.resolve(undefined);
  }
  async function visit(token: string): Promise<Closed> {
    endpoint = endpointBut(play, hasFailed ? endpoint : undefined);
    failures += 1;
    const next = openWire({ url: endpoint.socketUrl, token, now: play.now });
    current = next;
    const stopTicking = play.eachTick(next.tick);
    if (await next.opened) await enter(next);
    const closed = await next.closed;
    stopTicking();
    if (wire === next) {
      wire = undefined;
      waiting = deferred();
    }
    session.over(undefined);
    following.lost(closed.because);
    hasFailed = !ownWill.has(closed.because);
    return closed;
  }
  async function enter(next: Wire): Promise<void> {
    play.counts.sockets += 1;
    if (!following.hasBegun() && !(await following.beginOver(next))) return next.drop('no first answer');
    failures = 0;
    following.subscribeOver(next);
    session.over(next);
    wire = next;
    waiting.resolve(next);
  }
  async function rest(): Promise<void> {
    if (awayMs > 0) await sleep(awayMs, play.stopping);
    else if (!isHurried) await waitAgain(play, failures);
    awayMs = 0;
    isHurried = false;
  }
  void live();
  return device;
}
