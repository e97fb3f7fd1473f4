import type { Socket as NetSocket } from 'node:net';
import type { Server } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Viewer } from '../../schema/scope.ts';
import { createInOrder, type InOrder } from '../../schema/stream/in-order.ts';
import { createWriter, type Flusher, type Writer } from '../delivery/writer.ts';
import type { SignedIn } from '../identify.ts';
import type { SessionWatch } from '../supervise-session.ts';
import type { Admission, SocketLimits, SocketRefusal } from './admission.ts';
import { type Answers, createAnswers } from './answers.ts';
import { type CloseReason, closeReasons } from './close-code.ts';
import { withEmptyQuery } from './empty-query.ts';
import { createHearing, type Hearing } from './hearing.ts';
import { createPulse, type Heartbeat } from './heartbeat.ts';
import { createIdentities, type Identities } from './identities.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { createOperations, type Operations } from './operations.ts';

/** A socket, as the hooks of the protocol see it. */
export type Socket = {
  readonly operations: Operations;
  readonly answers: Answers;
  readonly writer: Writer;
  /** Where it comes from, as `addressOf` has it. */
  readonly address: string;
  /** Sends are recorded as they arrived on this socket. */
  readonly inOrder: InOrder;
  /** Whom the token of `connection_init` speaks for. */
  viewer: Viewer | undefined;
  /** The socket lives by this session from now on. False when there is no place for it. */
  admit(signedIn: SignedIn): boolean;
  /** A session was refreshed here: if the socket lives by it, it lives longer. */
  readonly prolong: Identities['prolong'];
  /** `connection_init` was answered. */
  settle(): void;
  close(reason: Pick<CloseReason, 'code' | 'reason'>): void;
};

/** What all sockets of a server share. */
export type SocketServices = {
  readonly protocol: Server<Socket>;
  readonly sessions: SessionWatch;
  readonly admission: Admission;
  readonly heartbeat: Heartbeat;
  readonly flusher: Flusher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: SocketLimits;
  readonly countRefusal?: (by: SocketRefusal) => void;
};

export type Opened = {
  readonly webSocket: WebSocket;
  readonly netSocket: NetSocket;
  /** Where it comes from. */
  readonly address: string;
  /** Its place among the sockets of its address. */
  readonly place: { settle(): void; leave(): void };
  readonly onClosed: () => void;
};

/** Serves one WebSocket until it closes. */
export function serveSocket(services: SocketServices, opened: Opened): Socket {
  const { webSocket, place, onClosed } = opened;
  let onFrame: ((frame: string) => Promise<void>) | undefined;
  const parts = createParts(services, opened, (frame) => onFrame?.(frame) ?? Promise.resolve());
  const { socket, inbox, identities } = parts;
  const pulse = createPulse(webSocket, () => !inbox.isPaused());
  const stopBeating = services.heartbeat.add(pulse);
  const onPong = (bytes: Buffer) => {
    pulse.onPong(bytes);
    parts.onPong(bytes);
  };
  listen(webSocket, { inbox, onPong, close: socket.close });
  const closeProtocol = services.protocol.opened(
    {
      protocol: webSocket.protocol,
      send: socket.writer.write,
      close: (code = closeReasons.notOurProtocol.code, reason = '') => socket.close({ code, reason }),
      onMessage: (listener) => {
        onFrame = (frame) => listener(withEmptyQuery(frame));
      },
    },
    socket,
  );
  webSocket.once('close', (code, reason) => {
    stopBeating();
    inbox.close();
    socket.operations.endAll();
    identities.release();
    place.leave();
    onClosed();
    closeProtocol(code, reason.toString()).catch((err) =>
      services.logger.error({ err }, 'A socket did not close well.'),
    );
  });
  return socket;
}

type Parts = {
  readonly socket: Socket;
  readonly inbox: Inbox;
  readonly onPong: Hearing['onPong'];
  readonly identities: Identities;
};

function createParts(
  services: SocketServices,
  { webSocket, netSocket, address, place }: Opened,
  onFrame: (frame: string) => Promise<void>,
): Parts {
  const { limits, clock, flusher, logger } = services;

  function close({ code, reason }: Pick<CloseReason, 'code' | 'reason'>): void {
    inbox.close();
    if (webSocket.readyState === webSocket.OPEN) webSocket.close(code, reason);
  }
  const inbox = createInbox({
    limits,
    clock,
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    onFrame(frame) {
      // Every failure of an operation is answered; what graphql-ws still throws at is a frame that only servers send.
      onFrame(frame).catch((err) => {
        logger.debug({ err }, 'A frame could not be handled.');
        close(closeReasons.notOurProtocol);
      });
    },
    onFlood() {
      services.countRefusal?.('frames-of-socket');
      close(closeReasons.tooMuch);
    },
  });
  const answers = createAnswers(clock);
  let hearing: Hearing | undefined; // most sockets never need it
  const heard = () => {
    hearing ??= createHearing({ webSocket, answers, inbox });
    return hearing.heard();
  };
  const identities = createIdentities({
    ...services,
    onEnd(end) {
      // Nothing more is read; what was asked before is still answered.
      inbox.close();
      answers.whenDone(() => close(end === 'expired' ? closeReasons.tokenExpired : closeReasons.signedOut));
    },
  });
  const onCongestion = createCongestionWatch(services, webSocket, inbox);
  const writer = createWriter({ webSocket, netSocket, flusher, limits, onCongestion });
  const socket: Socket = {
    operations: createOperations(limits.operationsPerSocket),
    answers,
    writer,
    address,
    inOrder: createInOrder(heard),
    viewer: undefined,
    admit: identities.admit,
    prolong: identities.prolong,
    settle: place.settle,
    close,
  };
  return { socket, inbox, onPong: (bytes) => hearing?.onPong(bytes), identities };
}

type Listeners = {
  readonly inbox: Inbox;
  readonly onPong: (bytes: Buffer) => void;
  readonly close: (reason: CloseReason) => void;
};

function listen(webSocket: WebSocket, { inbox, onPong, close }: Listeners): void {
  webSocket.on('message', (data, isBinary) => {
    if (isBinary || !Buffer.isBuffer(data)) return close(closeReasons.notOurProtocol);
    inbox.take(data.toString());
  });
  webSocket.on('ping', () => inbox.takeControl());
  webSocket.on('pong', (bytes) => {
    inbox.takeControl();
    onPong(bytes);
  });
}

/** Nothing is read while nothing can be sent; after too long the socket ends: what waits there is memory that others pay for. */
function createCongestionWatch(
  { clock, limits }: Pick<SocketServices, 'clock' | 'limits'>,
  webSocket: WebSocket,
  inbox: Inbox,
): (isCongested: boolean) => void {
  let watch: AbortController | undefined;
  return (isCongested) => {
    inbox.setCongested(isCongested);
    watch?.abort();
    watch = isCongested ? new AbortController() : undefined;
    if (watch === undefined) return;
    const { signal } = watch;
    void clock.sleep(limits.congestedMs, signal).then(() => {
      if (!signal.aborted) webSocket.terminate();
    });
  };
}
