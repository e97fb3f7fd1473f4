import { connect } from 'node:net';
import { WebSocket } from 'ws';

/** A socket of somebody who may not play fair. */
export type Line = {
  /** Frames of any kind; false when they wait to be sent, until `onRoom`. */
  send(frame: string): boolean;
  ping(): boolean;
  pong(): void;
  /** From now on nothing is read. */
  stall(): void;
  resume(): void;
  isOpen(): boolean;
  /** At once. What is read by now and later is thrown away. */
  close(): void;
};

type Settings = {
  readonly url: string;
  readonly token: string;
  /** Every text frame, the acknowledgement too. */
  readonly onFrame: (frame: string) => void;
  readonly onRoom?: () => void;
  /** Once, whoever ended it. */
  readonly onGone: () => void;
};

/** Connects, and says who it is. Not even that somebody reads it is known. */
export function openLine({ url, token, onFrame, onRoom, onGone }: Settings): Line {
  const { hostname, port } = new URL(url);
  const network = connect(Number(port), hostname).setNoDelay(true);
  const webSocket = new WebSocket(url, 'graphql-transport-ws', {
    createConnection: () => network,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  let isGone = false;
  const gone = () => {
    if (isGone) return;
    isGone = true;
    network.destroy();
    onGone();
  };
  const payload = { authorization: `Bearer ${token}` };
  webSocket.on('open', () => webSocket.send(JSON.stringify({ type: 'connection_init', payload })));
  webSocket.on('message', (data) => {
    if (!isGone) onFrame(String(data));
  });
  webSocket.on('error', gone);
  webSocket.on('close', gone);
  // One that reads nothing learns of its end by what it writes, before `ws` does.
  network.on('close', gone);
  if (onRoom) network.on('drain', onRoom);
  const isOpen = () => !isGone && webSocket.readyState === WebSocket.OPEN;
  return {
    send(frame) {
      if (isOpen()) webSocket.send(frame);
      return !network.writableNeedDrain;
    },
    ping() {
      if (isOpen()) webSocket.ping();
      return !network.writableNeedDrain;
    },
    pong() {
      if (isOpen()) webSocket.pong();
    },
    stall: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    isOpen,
    close: gone,
  };
}
