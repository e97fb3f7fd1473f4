import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A WebSocket by hand, for what no library sends. */
export type RawSocket = {
  readonly connection: Socket;
  /** What the server answered to the request to upgrade. */
  readonly head: string;
  /** The code of the close frame that came, 1006 when the connection just ended. */
  readonly closed: Promise<number>;
  send(frame: Buffer): void;
};

export type Part = {
  readonly opcode: number;
  readonly isFinal?: boolean;
  readonly hasRsv1?: boolean;
  readonly payload?: Buffer;
};

/** One frame as a client sends it: masked (here with zeros, which change nothing). */
export function frameBytes({
  opcode,
  isFinal = true,
  hasRsv1 = false,
  payload = Buffer.alloc(0),
}: Part): Buffer {
  const first = opcode | (isFinal ? 0x80 : 0) | (hasRsv1 ? 0x40 : 0);
  return Buffer.concat([Buffer.from([first]), lengthBytes(payload.length), Buffer.alloc(4), payload]);
}

function lengthBytes(length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | length]);
  if (length < 65_536) return Buffer.from([0x80 | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

export async function openRawSocket(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawSocket> {
  const { hostname, port, pathname } = new URL(url);
  const connection = connect(Number(port), hostname);
  const request = {
    Host: `${hostname}:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    ...headers,
  };
  const lines = Object.entries(request).map(([name, value]) => `${name}: ${value}`);
  connection.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const [chunk]: Buffer[] = await once(connection, 'data');
  const end = (chunk?.indexOf('\r\n\r\n') ?? 0) + 4;
  return {
    connection,
    head: String(chunk?.subarray(0, end)),
    closed: closeCodeOf(connection, chunk?.subarray(end) ?? Buffer.alloc(0)),
    send: (frame) => connection.write(frame),
  };
}

/** Server frames are not masked; only a close frame matters here, and nothing comes before it in these tests but short ones. */
function closeCodeOf(connection: Socket, first: Buffer): Promise<number> {
  let code = 1006;
  let seen = Buffer.alloc(0);
  const read = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    for (let at = 0; at + 2 <= seen.length; ) {
      const [opcode, length] = [(seen[at] ?? 0) & 0x0f, (seen[at + 1] ?? 0) & 0x7f];
      if (length > 125) return;
      if (opcode === 8 && at + 4 <= seen.length) code = seen.readUInt16BE(at + 2);
      at += 2 + length;
    }
  };
  read(first);
  connection.on('data', read);
  connection.on('error', () => undefined);
  return new Promise((resolve) => {
    connection.once('close', () => resolve(code));
  });
}
