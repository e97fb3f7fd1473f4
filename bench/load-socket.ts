import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/**
 * A socket of the load client. It shares the cores with the server it measures, so it is as lean as a client can be: finished
 * frames, nothing parsed, one system call per turn of the event loop for all that it sends.
 */
export type LoadSocket = {
  send(frame: string): void;
  close(): Promise<void>;
};

type Settings = {
  readonly url: string;
  readonly token: string;
  /** Every text frame behind the acknowledgement, as bytes. */
  readonly onFrame: (frame: Buffer) => void;
  /** It was closed, and not by us: what was measured is worth nothing. */
  readonly onLost: (words: string) => void;
};

/** A server that is busy with a hundred of them takes its time. */
const openMs = 20_000;

/** Connects, says who it is, and resolves when that is acknowledged. */
export async function openLoadSocket({ url, token, onFrame, onLost }: Settings): Promise<LoadSocket> {
  const { hostname, port } = new URL(url);
  const network = connect(Number(port), hostname).setNoDelay(true);
  const webSocket = new WebSocket(url, 'graphql-transport-ws', {
    createConnection: () => network,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: openMs,
  });
  const signal = AbortSignal.timeout(openMs);
  await once(webSocket, 'open', { signal });
  webSocket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await once(webSocket, 'message', { signal });
  let isClosing = false;
  webSocket.on('message', (data) => {
    if (Buffer.isBuffer(data)) onFrame(data);
  });
  webSocket.on('error', () => undefined); // its close tells
  webSocket.on('close', (code, reason) => (isClosing ? undefined : onLost(`closed with ${code} ${reason}`)));
  const cork = corkOf(network);
  return {
    send(frame) {
      cork();
      webSocket.send(frame);
    },
    async close() {
      isClosing = true;
      if (webSocket.readyState === WebSocket.CLOSED) return;
      webSocket.terminate();
      await once(webSocket, 'close');
    },
  };
}

/** Holds back what is written until the end of this turn. */
function corkOf(network: Socket): () => void {
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    network.uncork();
  };
  return () => {
    if (isCorked) return;
    isCorked = true;
    network.cork();
    setImmediate(uncork);
  };
}

/** Where things stand in a frame of the operation with an id of one character: `{"id":"a","type":"next","payload":…`. */
export const places = { id: 7, type: 18, payload: 34 } as const;
export const bytes = {
  next: 'n'.charCodeAt(0),
  complete: 'c'.charCodeAt(0),
  error: 'e'.charCodeAt(0),
} as const;

/** Ids of one character each. */
export const operationIds = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The frame that begins an operation. */
export const subscribeFrame = (id: string, query: string, variables: unknown): string =>
  JSON.stringify({ id, type: 'subscribe', payload: { query, variables } });
