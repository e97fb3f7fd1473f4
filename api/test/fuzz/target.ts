import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { frameBytes } from '../serving/raw-socket.ts';
import type { Shot } from './shots.ts';

/** A socket by hand, for what no library sends. */
export type Target = {
  /** Sends it and resolves when it was read: true, or when the connection is gone: false. */
  fire(shot: Shot): Promise<boolean>;
  close(): void;
};

const upgrade = (port: number) =>
  [
    'GET /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export const textShot = (text: string): Shot => ({
  bytes: frameBytes({ opcode: opcodes.text, payload: Buffer.from(text) }),
  isUnfinished: false,
});

/** The first that is said on a connection; nothing when it ends without a word, in whatever way. */
export const beginningOf = (connection: Socket): Promise<Buffer> =>
  new Promise((resolve) => {
    connection.once('data', resolve);
    connection.once('close', () => resolve(Buffer.alloc(0)));
    connection.on('error', () => undefined);
  });

/** Opens a socket. Rejects when there is none. `onText` is told every text that comes. */
export async function openTarget(port: number, onText: (text: Buffer) => void): Promise<Target> {
  const connection = connect(port, '127.0.0.1');
  connection.setNoDelay(true);
  await once(connection, 'connect');
  connection.write(upgrade(port));
  const first = await beginningOf(connection);
  if (!first.includes(' 101 ')) throw new Error(`No socket was opened: ${first.toString()}`);
  const answers = answersOn(connection, first.subarray(first.indexOf('\r\n\r\n') + 4), onText);
  let pings = 0;
  return {
    fire({ bytes, isUnfinished }) {
      if (isUnfinished) {
        connection.end(bytes);
        return answers.gone;
      }
      // A ping behind it, with a number: frames are read in order, so its pong says that this one has been.
      pings += 1;
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(pings);
      connection.write(Buffer.concat([bytes, frameBytes({ opcode: opcodes.ping, payload })]));
      return answers.toPing(pings);
    },
    // With a reset nothing of it stays in the tables of the operating system, which a million closed ones would fill.
    close: () => void connection.resetAndDestroy(),
  };
}

/** Reads what the server sends as far as it matters: which pings it has answered, and whether it is still there. */
function answersOn(connection: Socket, first: Buffer, onText: (text: Buffer) => void) {
  let seen = first;
  let isGone = false;
  let onPong: ((number: number) => void) | undefined;
  let onGone = () => {};
  const gone = new Promise<boolean>((resolve) => {
    onGone = () => {
      isGone = true;
      onPong?.(Number.POSITIVE_INFINITY);
      resolve(false);
    };
  });
  function read(): void {
    for (let frame = frameIn(seen); frame !== undefined; frame = frameIn(seen)) {
      seen = seen.subarray(frame.end);
      if (frame.opcode === opcodes.text) onText(frame.payload);
      if (frame.opcode === opcodes.close) connection.resetAndDestroy();
      if (frame.opcode === opcodes.pong && frame.payload.length === 4) onPong?.(frame.payload.readUInt32BE());
    }
  }
  connection.on('data', (chunk) => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    read();
  });
  connection.on('error', () => undefined);
  connection.once('close', () => onGone());
  read();
  return {
    gone,
    toPing: (number: number) =>
      new Promise<boolean>((resolve) => {
        if (isGone) return resolve(false);
        onPong = (answered) => {
          if (answered >= number) resolve(!isGone);
        };
      }),
  };
}

/** The first frame of a server in these bytes, which does not mask its frames; undefined when it has not come as a whole. */
function frameIn(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly end: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const header = second < 126 ? 2 : second === 126 ? 4 : 10;
  if (bytes.length < header) return undefined;
  const length =
    header === 2 ? second : header === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = header + length;
  return bytes.length < end ? undefined : { opcode: first & 0x0f, payload: bytes.subarray(header, end), end };
}
