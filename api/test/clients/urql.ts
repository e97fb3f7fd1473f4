// region client
import { Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
// endregion
import { closeClient } from '../client/stock-client.ts';
import { type Account, openAccount } from './account.ts';
import type { Chat, ChatOptions, Outgoing } from './chat.ts';
import { keepCursors } from './cursors.ts';
import {
  type ChannelsData,
  documents,
  type EventsData,
  type RefreshData,
  type SendData,
} from './documents.ts';
import { comeBackNow, follow, untilAnswered } from './patience.ts';
import { openSockets } from './sockets.ts';

// region client
/** The client, and the sockets below it. These do not come back by themselves: see `follow`. */
function openClient(options: ChatOptions, { session, onClosed }: Account) {
  const sockets = openSockets({ ...options, session, onClosed, retryAttempts: 0 });
  const hear = mapExchange({
    onError: ({ graphQLErrors }) => {
      for (const { extensions } of graphQLErrors) session.hear(extensions.code);
    },
  });
  const overSocket = subscriptionExchange({
    // A subscription; and a refresh, which over the socket also prolongs the socket.
    isSubscriptionOperation: ({ kind, context }) => kind === 'subscription' || context.overSocket === true,
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
    }),
  });
  const client = new Client({
    url: options.httpUrl,
    preferGetMethod: false,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${await session.token()}`);
      return fetch(url, { ...init, headers });
    },
    exchanges: [hear, overSocket, fetchExchange],
  });
  session.refreshOver((refreshToken) =>
    client
      .mutation<RefreshData>(documents.refreshSession, { input: { refreshToken } }, { overSocket: true })
      .toPromise(),
  );
  return { client, sockets };
}
// endregion

/** urql: queries and mutations over HTTP, the stream over the socket. */
export async function openUrqlChat(options: ChatOptions): Promise<Chat> {
  const { onEvent } = options;
  const account = await openAccount(options);
  const { deviceId, session, signedOut, closeCodes } = account;
  const { client, sockets } = openClient(options, account);
  // region events
  const read = () => client.query<ChannelsData>(documents.channels, {}).toPromise();
  const first = await read();
  const cursors = keepCursors(first.data?.syncCursor ?? '');
  const isOver = new AbortController();
  const subscribeOnce = () =>
    new Promise<boolean>((resolve) => {
      let hasCome = false;
      const subscription = client
        .subscription<EventsData>(documents.events, { after: cursors.all() })
        .subscribe(({ data, error }) => {
          if (data) {
            hasCome = true;
            onEvent(data.events);
            cursors.take(data.events); // last: what was not taken in comes again
          }
          if (error) resolve(hasCome);
        });
      isOver.signal.addEventListener('abort', () => {
        subscription.unsubscribe();
        resolve(hasCome);
      });
    });
  void follow(subscribeOnce, isOver.signal);
  void signedOut.then(() => isOver.abort());
  // endregion

  // region send
  const send = (input: Outgoing) =>
    untilAnswered(async () => {
      const { data } = await client.mutation<SendData>(documents.sendMessage, { input }).toPromise();
      return data?.sendMessage;
    });
  // endregion
  return {
    deviceId,
    send,
    signedOut,
    closeCodes,
    comeBackNow,
    async channels() {
      const { data } = await read();
      return data?.viewer?.channels.edges.map(({ node }) => node) ?? [];
    },
    async close() {
      isOver.abort();
      session.close();
      await closeClient(sockets);
    },
  };
}
