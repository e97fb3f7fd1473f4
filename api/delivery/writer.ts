import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Puts the frames of one socket on the wire: together, once per turn of the event loop, and never without bound. */
export type Writer = {
  /** Sends a text frame at the end of this turn. Nothing happens when the socket is gone. */
  write(frame: string): void;
  /** Undefined while there is room for more; otherwise resolves when all has been sent, or the socket is gone. */
  room(): Promise<void> | undefined;
  bufferedBytes(): number;
};

type Settings = {
  readonly webSocket: WebSocket;
  readonly netSocket: Socket;
  readonly flusher: Flusher;
  readonly limits: { readonly congestedBytes: number; readonly maxBufferedBytes: number };
  /** Called when room ends, and when it is there again. */
  readonly onCongestion: (isCongested: boolean) => void;
};

/** One system call per socket and turn: what is written to corked sockets goes out together when the turn ends. */
export type Flusher = { cork(socket: Socket): void };

/** One for all sockets of a server. */
export function createFlusher(): Flusher {
  let corked = new Set<Socket>();
  const flush = () => {
    const sockets = corked;
    corked = new Set();
    for (const socket of sockets) socket.uncork();
  };
  return {
    cork(socket) {
      if (corked.has(socket)) return;
      if (corked.size === 0) setImmediate(flush);
      corked.add(socket);
      socket.cork();
    },
  };
}

export function createWriter({ webSocket, netSocket, flusher, limits, onCongestion }: Settings): Writer {
  /** While there is no room: those who wait for it. */
  let whenRoom: Promise<void> | undefined;
  let resolveRoom = () => {};

  function endRoom(): void {
    whenRoom = new Promise((resolve) => {
      resolveRoom = resolve;
    });
    onCongestion(true);
  }
  function onRoom(): void {
    if (whenRoom === undefined) return;
    whenRoom = undefined;
    onCongestion(false);
    resolveRoom();
  }
  netSocket.on('drain', onRoom);
  netSocket.on('close', onRoom);

  const isOpen = () => webSocket.readyState === webSocket.OPEN;

  return {
    write(frame) {
      if (!isOpen()) return;
      // A reader that lets a megabyte wait is cut; it resumes by its cursor. One frame may pass the limit, so that it can be any size.
      if (webSocket.bufferedAmount > limits.maxBufferedBytes) return webSocket.terminate();
      flusher.cork(netSocket);
      webSocket.send(frame);
      if (whenRoom === undefined && webSocket.bufferedAmount > limits.congestedBytes) endRoom();
    },
    room: () => whenRoom,
    bufferedBytes: () => webSocket.bufferedAmount,
  };
}
