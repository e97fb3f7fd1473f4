import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { createFlusher, createWriter } from '../../../delivery/writer.ts';

const limits = { congestedBytes: 1_000, maxBufferedBytes: 10_000 };

/** More is written in one turn than may ever wait for a reader. */
export async function fillsWithoutBound(): Promise<boolean> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  try {
    const [[webSocket, request]] = await Promise.all([connectionOf(server), once(client, 'open')]);
    const settings = { webSocket, netSocket: request.socket, limits, onCongestion: () => undefined };
    const writer = createWriter({ ...settings, flusher: createFlusher() });
    for (let nth = 0; nth < 3; nth += 1) writer.write('x'.repeat(20_000));
    return writer.room() === undefined && writer.bufferedBytes() > limits.maxBufferedBytes;
  } finally {
    client.terminate();
    server.close();
  }
}

const connectionOf = (server: WebSocketServer) =>
  new Promise<[WebSocket, IncomingMessage]>((resolve) =>
    server.once('connection', (webSocket, request) => resolve([webSocket, request])),
  );
