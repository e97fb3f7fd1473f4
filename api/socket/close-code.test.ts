import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { closeReasons } from './close-code.ts';

/** Whether the stock client comes back after a server closed its socket with this code. */
async function comesBack(code: number): Promise<boolean> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: () => 'graphql-transport-ws',
  });
  await once(server, 'listening');
  const address = server.address();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.on('message', () => socket.close(connections === 1 ? code : 4400));
  });
  const client = createClient({
    url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    webSocketImpl: WebSocket,
    retryWait: async () => undefined,
  });
  await client
    .iterate({ query: '{ a }' })
    .next()
    .catch(() => undefined);
  await Promise.resolve(client.dispose()).catch(() => undefined);
  server.close();
  return connections > 1;
}

describe('a close code', () => {
  it.for(Object.entries(closeReasons))(
    '%s does with the stock client what its table says',
    async ([, reason]) => {
      expect(await comesBack(reason.code)).toBe(reason.mayRetry);
      expect(Buffer.byteLength(reason.reason)).toBeLessThanOrEqual(123);
      expect(reason.meaning).toMatch(/^[A-Z`0-9].*\.$/);
    },
  );

  it('is never 4500, on which the stock client gives up for ever', () => {
    expect(Object.values(closeReasons).map(({ code }) => code as number)).not.toContain(4500);
  });
});
