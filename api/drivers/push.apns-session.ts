import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Deadline } from './push.apns-deadlines.ts';
import type { ApnsRequest } from './push.apns-payload.ts';
import { type Exchange, exchange } from './push.apns-stream.ts';

/** TCP, TLS and the first settings take three ways there and back; who needs longer is as good as away. */
const connectMs = 5_000;
/** Firewalls forget connections that are silent for minutes, and tell nobody. */
const pingMs = 60_000;
/** A pong takes one way there and back. */
const pongMs = 5_000;
/** Apple wants connections that stay; nobody has written for half an hour, so the night has begun. */
const idleMs = 30 * 60_000;
/** Apple allows about a thousand; more would only wait there. */
const maxAtOnce = 1_000;
/** Numbers of streams end at 2^31 and every second one is ours: a new connection long before that. */
const maxStreams = 2 ** 29;

export type ApnsSessionSettings = {
  readonly origin: string;
  readonly ca: string | undefined;
  readonly clock: Clock;
};

export type ApnsSessionEvents = {
  /** There is room for another request, perhaps. */
  readonly onRoom: () => void;
  /** The service has accepted the connection. */
  readonly onReady: () => void;
  /** It takes no more requests; those that are on their way may still be answered. */
  readonly onDraining: () => void;
  /** It is gone; `problem` says why, where anybody does. */
  readonly onGone: (problem: unknown) => void;
};

export type ApnsSession = {
  readonly hasRoom: () => boolean;
  /** Only while there is room. */
  send(request: ApnsRequest, deadline: Deadline): Promise<Exchange>;
  /** A request got no answer in time: finds out whether anybody is still there. */
  doubt(): void;
  close(): void;
};

/** One HTTP/2 connection. It never sends more at once than the service allows, and looks after itself. */
export function createApnsSession(settings: ApnsSessionSettings, events: ApnsSessionEvents): ApnsSession {
  const session = connectTo(settings);
  const gone = new AbortController();
  const life = createLife(session, settings.clock, gone.signal);
  /** 0 until the service has said how many it wants. */
  let allowed = 0;
  let [atOnce, sent, lastSeen] = [0, 0, Number.POSITIVE_INFINITY];
  let isDraining = false;
  let problem: unknown;

  const drain = () => {
    if (isDraining) return;
    isDraining = true;
    session.close();
    events.onDraining();
  };
  session.on('remoteSettings', ({ maxConcurrentStreams = maxAtOnce }) => {
    allowed = Math.min(maxConcurrentStreams, maxAtOnce);
    if (life.ready()) events.onReady();
    events.onRoom();
  });
  session.on('goaway', (_, lastStreamId) => {
    lastSeen = lastStreamId;
    drain();
  });
  session.on('error', (error) => {
    problem = error;
  });
  session.once('close', () => {
    gone.abort();
    isDraining = true;
    events.onGone(problem);
  });
  void life.watch(() => atOnce > 0, drain);

  return {
    hasRoom: () => !isDraining && !session.closed && !session.destroyed && atOnce < allowed,
    send: (request, deadline) =>
      new Promise((onSettled) => {
        atOnce += 1;
        sent += 1;
        const onClosed = () => {
          atOnce -= 1;
          events.onRoom();
        };
        const isUnseen = (id: number | undefined) => id === undefined || id > lastSeen;
        exchange({ session, request, deadline, isUnseen }, { onSettled, onHeard: life.answered, onClosed });
        if (sent >= maxStreams) drain();
      }),
    doubt: life.doubt,
    close: () => {
      gone.abort();
      session.destroy();
    },
  };
}

const connectTo = ({ origin, ca }: ApnsSessionSettings) =>
  connect(origin, {
    ...(ca !== undefined && { ca }),
    rejectUnauthorized: true, // said here, as an environment variable could switch it off
    settings: { enablePush: false },
  });

/** Whether the other side is there: a time for the first settings, pings while nothing is said, an end after long idleness. */
function createLife(session: ClientHttp2Session, clock: Clock, gone: AbortSignal) {
  let [isReady, isAsking] = [false, false];
  let [heardAt, usedAt] = [clock.now(), clock.now()];
  const fail = () => session.destroy(new Error('APNs does not answer.'), constants.NGHTTP2_NO_ERROR);

  async function ask(): Promise<void> {
    if (isAsking || session.destroyed) return;
    isAsking = true;
    const answered = new AbortController();
    session.ping((error) => {
      if (error === null) heardAt = clock.now();
      answered.abort(); // when the session is gone, too
    });
    await clock.sleep(pongMs, answered.signal);
    isAsking = false;
    if (!answered.signal.aborted) fail();
  }
  async function watch(isBusy: () => boolean, onIdle: () => void): Promise<void> {
    await clock.sleep(connectMs, gone);
    if (!isReady && !gone.aborted) fail();
    while (!gone.aborted) {
      await clock.sleep(pingMs, gone);
      if (gone.aborted) return;
      if (!isBusy() && clock.now() - usedAt >= idleMs) return onIdle();
      if (clock.now() - heardAt >= pingMs) await ask();
    }
  }

  return {
    /** Whether that is news. */
    ready(): boolean {
      if (isReady) return false;
      isReady = true;
      heardAt = clock.now();
      return true;
    },
    answered: () => {
      heardAt = clock.now();
      usedAt = heardAt;
    },
    doubt: () => void ask(),
    watch,
  };
}
