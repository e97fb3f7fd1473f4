import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';

/** A frame of graphql-transport-ws, as it came. */
export type Frame = { readonly type: string; readonly id?: string; readonly payload?: unknown };

/** A client that says exactly what the test says, right or wrong. */
export type WireClient = {
  readonly webSocket: WebSocket;
  /** Frames that have come and were not taken yet. */
  readonly frames: Frame[];
  readonly texts: string[];
  send(frame: object): void;
  sendText(text: string): void;
  /** The next frame, in order. Rejects when the socket closes first. */
  next(): Promise<Frame>;
  /** The next frame that fits; those before it are thrown away. */
  until(fits: (frame: Frame) => boolean): Promise<Frame>;
  /** How it was closed; resolves when it is. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
};

export type WireOptions = ClientOptions & { readonly subprotocol?: string };

/** Opens a socket, without `connection_init`. Rejects when it is refused. */
export async function openWire(url: string, options: WireOptions = {}): Promise<WireClient> {
  const { subprotocol = 'graphql-transport-ws', ...rest } = options;
  const webSocket = new WebSocket(url, subprotocol, rest);
  const client = wireOf(webSocket);
  await once(webSocket, 'open');
  return client;
}

/** A socket that is acknowledged, for whom the token says. */
export async function openAcknowledged(
  url: string,
  token?: string,
  options?: WireOptions,
): Promise<WireClient> {
  const client = await openWire(url, options);
  client.send({
    type: 'connection_init',
    payload: token === undefined ? undefined : { authorization: `Bearer ${token}` },
  });
  await client.until(({ type }) => type === 'connection_ack');
  return client;
}

export const subscribeFrame = (id: string, query: string, variables?: object) => ({
  id,
  type: 'subscribe',
  payload: { query, ...(variables && { variables }) },
});

function wireOf(webSocket: WebSocket): WireClient {
  const frames: Frame[] = [];
  const texts: string[] = [];
  let wake = () => {};
  webSocket.on('error', () => undefined);
  webSocket.on('message', (data) => {
    texts.push(String(data));
    frames.push(JSON.parse(String(data)));
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });

  async function next(): Promise<Frame> {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      if (webSocket.readyState === webSocket.CLOSED)
        throw new Error(`Closed: ${JSON.stringify(await closed)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    webSocket,
    frames,
    texts,
    closed,
    next,
    send: (frame) => webSocket.send(JSON.stringify(frame)),
    sendText: (text) => webSocket.send(text),
    async until(fits) {
      for (;;) {
        const frame = await next();
        if (fits(frame)) return frame;
      }
    },
    async close() {
      webSocket.terminate();
      await closed;
    },
  };
}
