import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type Client, createClient, type SubscribePayload } from 'graphql-ws';
import { stringifyDocument } from 'urql';
import { type Answer, endpoint } from '../account/ask.ts';
import { idOf } from '../account/document-id.ts';
import type { Session } from '../account/session.ts';
import { createWritable, type Readable } from '../sync/readable.ts';
import type { Connection } from '../tabs/one-leader.ts';
import { waitBefore } from './patience.ts';
import { createSocketPlaces } from './socket-places.ts';

/** Asked this often whether the other side is still there; half of it later it is not. */
const keepAliveMs = 10_000;
/** A screen that is left and entered again keeps its socket. */
const lazyCloseTimeout = 5_000;

/** Where the socket is before the server has said where to go. */
const ownSocketUrl = endpoint.replace(/^http/, 'ws');

export type Sockets = {
  readonly client: Client;
  readonly state: Readable<Connection>;
  /** Where to open the next ones, as the server says in `socketEndpoints`. */
  know(urls: readonly string[]): void;
  /** Ends a socket that may be dead without knowing; it comes back at once. */
  renew(): void;
};

const codeOf = (event: unknown) =>
  typeof event === 'object' && event !== null && 'code' in event ? event.code : undefined;

/** The stock client, with three defaults that are wrong for a chat put right. It comes back by itself, for ever. */
export function openSockets(session: Session): Sockets {
  const state = createWritable<Connection>('connecting');
  let silence: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const places = createSocketPlaces(ownSocketUrl);
  /** A browser says of most failures that there was one and that it was closed; of a place that the policy of its page forbids, only the first. */
  const fail = () => {
    if (!places.goOn()) return;
    failures += 1;
    state.set(failures > 1 || !navigator.onLine ? 'offline' : 'connecting');
  };
  const client = createClient({
    url: places.now,
    connectionParams: async () => ({ authorization: `Bearer ${await session.token()}` }),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true, // when nobody listens there is no close code, and it would give up
    retryWait: (attempt) => waitBefore(attempt), // its own has no upper bound
    connectionAckWaitTimeout: 10_000,
    keepAlive: keepAliveMs, // it only asks; that no answer comes has to be noticed here
    lazyCloseTimeout,
    on: {
      connecting: () => state.set(failures > 1 || !navigator.onLine ? 'offline' : 'connecting'),
      connected: () => {
        failures = 0;
        state.set('live');
      },
      ping: (isReceived) => {
        if (!isReceived) silence = setTimeout(() => client.terminate(), keepAliveMs / 2);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(silence);
      },
      error: fail,
      closed: (event) => {
        clearTimeout(silence);
        fail();
        session.hear(codeOf(event));
      },
    },
  });
  return {
    client,
    state,
    know: places.know,
    renew: () => client.terminate(),
  };
}

/** What a document is asked for by over a socket: its id has its place beside an empty text. */
export function payloadOf(document: TypedDocumentNode<unknown, never>, isKnown: boolean) {
  const documentId = isKnown ? idOf(document) : undefined;
  return documentId ? { query: '', extensions: { documentId } } : { query: stringifyDocument(document) };
}

/** One operation with one answer, over the socket. Rejects with what ended the socket. */
export const askOverSocket = <Data>(client: Client, payload: SubscribePayload): Promise<Answer<Data>> =>
  new Promise((resolve, reject) => {
    client.subscribe<Data>(payload, {
      next: ({ data, errors }) =>
        resolve({
          data: data ?? null,
          ...(errors && { errors: errors.map(({ message }) => ({ message })) }),
        }),
      error: reject,
      complete: () => reject(new Error('It ended without an answer.')),
    });
  });
