// region socket
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
// endregion
import { waitBefore } from './patience.ts';
import type { KeptSession } from './session.ts';

type Settings = {
  readonly socketUrl: string;
  readonly session: KeptSession;
  readonly retryAttempts: number;
  readonly keepAliveMs?: number;
  readonly onClosed: (code: unknown) => void;
};

// region socket
export const codeOf = (event: unknown) =>
  typeof event === 'object' && event !== null && 'code' in event ? event.code : undefined;

export function openSockets({
  socketUrl,
  session,
  retryAttempts,
  keepAliveMs = 10_000,
  onClosed,
}: Settings): Client {
  let silence: NodeJS.Timeout | undefined;
  const client = createClient({
    url: socketUrl,
    webSocketImpl: WebSocket, // from the package `ws`; browsers, and Node from 22 on, have it built in
    connectionParams: async () => ({ authorization: `Bearer ${await session.token()}` }),
    retryAttempts,
    shouldRetry: () => true, // when nobody listens there is no close code, and it would give up
    retryWait: (attempt) => waitBefore(attempt), // its own has no upper bound
    connectionAckWaitTimeout: 10_000,
    keepAlive: keepAliveMs, // it only asks; that no answer comes has to be noticed here
    on: {
      ping: (isReceived) => {
        if (!isReceived) silence = setTimeout(() => client.terminate(), keepAliveMs / 2);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(silence);
      },
      closed: (event) => {
        clearTimeout(silence);
        onClosed(codeOf(event));
      },
    },
  });
  return client;
}
// endregion
