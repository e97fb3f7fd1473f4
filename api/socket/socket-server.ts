import type { IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { ClientAddress } from '../client-address.ts';
import { inSteps } from '../in-steps.ts';
import { closeReasons } from './close-code.ts';
import { type Socket, type SocketServices, serveSocket } from './socket.ts';

/** All sockets of one server. */
export type SocketServer = {
  /** Takes over a request to upgrade that was found to be allowed; its connection has an 'error' listener already. */
  upgrade(request: IncomingMessage, head: Buffer): void;
  /** What is open now, for `/readyz`, tests and whoever watches the server. */
  readonly counts: SocketCounts;
  /** Refuses new sockets and sends the others away with 1012, spread over `drainMs`. Those that have not gone `graceMs` later are cut. */
  close(times: { readonly drainMs: number; readonly graceMs: number }): Promise<void>;
};

export type SocketCounts = {
  readonly sockets: number;
  readonly pendingSockets: number;
  readonly operations: number;
  readonly bufferedBytes: number;
};

type Services = SocketServices & { readonly clientAddress: ClientAddress };

export function createSocketServer(services: Services): SocketServer {
  const { admission, clock, logger, clientAddress } = services;
  const sockets = new Set<Socket>();
  const webSockets = createWebSocketServer(services);
  /** Under the sockets, those that were refused included. */
  const connections = new Set<NetSocket>();
  const onUnreadable = (err: Error) => logger.debug({ err }, 'A socket sent what cannot be read.');
  let isClosing = false;
  let onEmpty: (() => void) | undefined;

  function keep(netSocket: NetSocket): void {
    connections.add(netSocket);
    netSocket.once('close', () => {
      connections.delete(netSocket);
      if (connections.size === 0) onEmpty?.();
    });
  }

  return {
    upgrade(request, head) {
      const netSocket = request.socket;
      if (isClosing) return refuseUpgrade(netSocket, '503 Service Unavailable');
      keep(netSocket);
      // Not in there: whatever the socket keeps would keep the request and all its headers, too.
      const address = clientAddress(request);
      webSockets.handleUpgrade(request, netSocket, head, (webSocket) => {
        webSocket.on('error', onUnreadable);
        const place = admission.admitSocket(address);
        if (place === undefined || !admission.admitNow()) {
          place?.leave();
          return webSocket.close(closeReasons.tooMuch.code, closeReasons.tooMuch.reason);
        }
        const socket: Socket = serveSocket(services, {
          webSocket,
          netSocket,
          address,
          place,
          onClosed: () => sockets.delete(socket),
        });
        sockets.add(socket);
      });
    },
    get counts() {
      let operations = 0;
      let bufferedBytes = 0;
      for (const socket of sockets) {
        operations += socket.operations.count();
        bufferedBytes += socket.writer.bufferedBytes();
      }
      return { ...admission.counts, operations, bufferedBytes };
    },
    async close({ drainMs, graceMs }) {
      isClosing = true;
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve;
      });
      await inSteps([...sockets], { overMs: drainMs, clock }, (socket) =>
        socket.close(closeReasons.restarting),
      );
      if (connections.size > 0) await Promise.race([empty, clock.sleep(graceMs)]);
      for (const netSocket of connections) netSocket.destroy();
    },
  };
}

/** Without compression: it costs memory per socket, and a small frame could become a large one. */
function createWebSocketServer({ limits }: SocketServices): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxPayloadBytes,
    maxFragments: limits.maxFragments,
    maxBufferedChunks: limits.maxBufferedChunks,
    closeTimeout: limits.closeMs,
    handleProtocols: (offered: Set<string>) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  } as const;
  return new WebSocketServer(options);
}

/** Answers a request to upgrade that is not granted. */
export function refuseUpgrade(netSocket: NetSocket, status: string): void {
  netSocket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    netSocket.destroy(),
  );
}
