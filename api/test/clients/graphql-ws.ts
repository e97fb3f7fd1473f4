import { askOverSocket, closeClient } from '../client/stock-client.ts';
import { openAccount } from './account.ts';
import type { Chat, ChatOptions, Outgoing } from './chat.ts';
import { keepCursors } from './cursors.ts';
import {
  type ChannelsData,
  documents,
  type EventsData,
  type RefreshData,
  type SendData,
} from './documents.ts';
import { comeBackNow, untilAnswered } from './patience.ts';
import { codeOf, openSockets } from './sockets.ts';

/** `graphql-ws` alone: everything goes over one socket, and it comes back by itself. */
export async function openGraphqlWsChat(options: ChatOptions): Promise<Chat> {
  const { onEvent } = options;
  const { deviceId, session, onClosed, signedOut, closeCodes } = await openAccount(options);
  // region open
  const client = openSockets({ ...options, session, onClosed, retryAttempts: Number.POSITIVE_INFINITY });
  session.refreshOver((refreshToken) =>
    askOverSocket<RefreshData>(client, {
      query: documents.refreshSession,
      variables: { input: { refreshToken } },
    }),
  );
  const read = () => askOverSocket<ChannelsData>(client, { query: documents.channels });
  const first = await read();
  const cursors = keepCursors(first.data?.syncCursor ?? '');
  // endregion

  // region events
  // Read anew at each attempt; a plain value would be that of the first one for ever.
  const variables = {
    get after() {
      return cursors.all();
    },
  };
  client.subscribe<EventsData>(
    { query: documents.events, variables },
    {
      next: ({ data }) => {
        if (!data) return;
        onEvent(data.events);
        cursors.take(data.events); // last: what was not taken in comes again
      },
      error: (problem) => session.hear(codeOf(problem)),
      complete: () => undefined,
    },
  );
  // endregion

  // region send
  // The client asks again when the socket is lost before the answer; the nonce makes that one message.
  const send = (input: Outgoing) =>
    untilAnswered(async () => {
      const { data } = await askOverSocket<SendData>(client, {
        query: documents.sendMessage,
        variables: { input },
      });
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
      session.close();
      await closeClient(client);
    },
  };
}
