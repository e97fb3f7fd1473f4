// region client
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
// endregion
import { closeClient } from '../client/stock-client.ts';
import { type Account, openAccount } from './account.ts';
import { openCache } from './apollo-cache.ts';
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
  const isForSocket = ({ operationType, operationName }: ApolloLink.Operation) =>
    operationType === OperationTypeNode.SUBSCRIPTION || operationName === 'RefreshSession';
  const withToken = new SetContextLink(async () => ({
    headers: { authorization: `Bearer ${await session.token()}` },
  }));
  const heard = new ErrorLink(({ error }) => {
    if (CombinedGraphQLErrors.is(error))
      for (const { extensions } of error.errors) session.hear(extensions?.code);
  });
  const overHttp = ApolloLink.from([heard, withToken, new HttpLink({ uri: options.httpUrl })]);
  const link = ApolloLink.split(isForSocket, new GraphQLWsLink(sockets), overHttp);
  const client = new ApolloClient({ cache: openCache(), link });
  session.refreshOver((refreshToken) =>
    client.mutate<RefreshData>({
      mutation: gql(documents.refreshSession),
      variables: { input: { refreshToken } },
      fetchPolicy: 'no-cache', // tokens have no business in a cache
    }),
  );
  return { client, sockets };
}
// endregion

/** Apollo Client: queries and mutations over HTTP, the stream over the socket, everything in one normalised cache. */
export async function openApolloChat(
  options: ChatOptions,
): Promise<Chat & { readonly client: ApolloClient }> {
  const { onEvent } = options;
  const account = await openAccount(options);
  const { deviceId, session, signedOut, closeCodes } = account;
  const { client, sockets } = openClient(options, account);
  // region events
  const read = () =>
    client.query<ChannelsData>({ query: gql(documents.channels), fetchPolicy: 'network-only' });
  const first = await read();
  const cursors = keepCursors(first.data?.syncCursor ?? '');
  const isOver = new AbortController();
  const subscribeOnce = () =>
    new Promise<boolean>((resolve) => {
      let hasCome = false;
      const end = () => resolve(hasCome);
      const subscription = client
        .subscribe<EventsData>({
          query: gql(documents.events),
          variables: { after: cursors.all() },
          errorPolicy: 'all', // an event whose message could not be read is an event all the same
        })
        .subscribe({
          next: ({ data }) => {
            if (!data) return;
            hasCome = true;
            onEvent(data.events);
            cursors.take(data.events); // last: what was not taken in comes again
          },
          error: end,
          complete: end,
        });
      isOver.signal.addEventListener('abort', () => subscription.unsubscribe());
    });
  void follow(subscribeOnce, isOver.signal);
  void signedOut.then(() => isOver.abort());
  // endregion

  // region send
  const send = (input: Outgoing) =>
    untilAnswered(async () => {
      const { data } = await client.mutate<SendData>({
        mutation: gql(documents.sendMessage),
        variables: { input },
      });
      return data?.sendMessage;
    });
  // endregion
  return {
    client,
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
      client.stop();
      await closeClient(sockets);
    },
  };
}
