import { type Client, createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Answer } from './ask.ts';

export type ClientSettings = {
  readonly socketUrl: string;
  /** The access token, asked for anew at each attempt to connect. */
  readonly token: () => string | Promise<string>;
  /** How often it comes back after a lost socket; 0: whoever uses it does that. */
  readonly retryAttempts?: number;
  /** How long it waits before that, so that a thousand clients do not come back at once. */
  readonly retryWaitMs?: () => number;
  readonly onConnected?: () => void;
  readonly onClosed?: (closed: Closed) => void;
};

/** A close as it came; code 0 when there was none, because the network failed or nobody listened. */
export type Closed = { readonly code: number; readonly reason: string };

/** The client that everybody gets from npm, with the options that a client of Parley needs and no others. */
export function openStockClient(settings: ClientSettings): Client {
  const { socketUrl, token, retryAttempts = 0, retryWaitMs = () => 50, onConnected, onClosed } = settings;
  const client = createClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
    retryAttempts,
    // A refused connection is an `error` without a close code, which the client takes for fatal when it is not told otherwise.
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, retryWaitMs())),
    on: {
      connected: () => onConnected?.(),
      closed: (event) => onClosed?.(closedOf(event)),
      error: () => onClosed?.(closedOf(undefined)),
    },
  });
  return client;
}

/** The end of a stock client, whatever it is doing: it rejects when it is just connecting in vain. */
export async function closeClient(client: Client): Promise<void> {
  await Promise.resolve(client.dispose()).catch(() => undefined);
}

// region ask
/** One operation with one answer, over the socket. Rejects with what ended the socket. */
export function askOverSocket<Data extends Record<string, unknown>>(
  client: Client,
  payload: SubscribePayload,
): Promise<Answer<Data>> {
  return new Promise((resolve, reject) => {
    client.subscribe<Data>(payload, {
      next: ({ data, errors }) =>
        resolve({ data: data ?? null, ...(errors && { errors: errors.map(plain) }) }),
      error: (problem) =>
        Array.isArray(problem) ? resolve({ errors: problem.map(plain) }) : reject(problem),
      complete: () => reject(new Error('It ended without an answer.')),
    });
  });
}
// endregion

/** What a close event or an error of the client says. */
export function closedOf(event: unknown): Closed {
  if (typeof event !== 'object' || event === null) return { code: 0, reason: '' };
  const code = 'code' in event && typeof event.code === 'number' ? event.code : 0;
  const reason = 'reason' in event && typeof event.reason === 'string' ? event.reason : '';
  return { code, reason };
}

type PlainError = NonNullable<Answer<unknown>['errors']>[number];

function plain(error: { readonly message: string; readonly extensions?: unknown }): PlainError {
  const { message, extensions } = error;
  if (typeof extensions !== 'object' || extensions === null) return { message };
  const code = 'code' in extensions && typeof extensions.code === 'string' ? extensions.code : '';
  return { message, extensions: { code } };
}
