// region events
import { createClient, NetworkError } from 'graphql-sse';
// endregion
import { openAccount } from './account.ts';
import type { Chat, ChatOptions } from './chat.ts';
import { keepCursors } from './cursors.ts';
import { documents, type EventsData } from './documents.ts';
import { openHttp } from './over-http.ts';
import { comeBackNow, follow } from './patience.ts';

/** Where sockets are blocked: the same subscription as server-sent events. */
export async function openSseChat(options: ChatOptions): Promise<Chat> {
  const { httpUrl, onEvent } = options;
  const { deviceId, session, signedOut, closeCodes } = await openAccount(options);
  const http = openHttp(httpUrl, session);
  const first = await http.channels();
  const cursors = keepCursors(first.data?.syncCursor ?? '');
  const isOver = new AbortController();
  // region events
  const client = createClient({
    url: httpUrl,
    headers: async () => ({ authorization: `Bearer ${await session.token()}` }),
    retryAttempts: 0,
  });
  const subscribeOnce = async () => {
    let hasCome = false;
    const variables = { after: cursors.all() };
    try {
      for await (const { data, errors } of client.iterate<EventsData>({
        query: documents.events,
        variables,
      })) {
        for (const { extensions } of errors ?? []) session.hear(extensions?.code);
        if (!data) continue;
        hasCome = true;
        onEvent(data.events);
        cursors.take(data.events);
      }
    } catch (problem) {
      if (problem instanceof NetworkError && problem.response?.status === 401)
        session.hear('UNAUTHENTICATED');
    }
    return hasCome;
  };
  void follow(subscribeOnce, isOver.signal);
  // endregion
  void signedOut.then(() => isOver.abort());
  return {
    deviceId,
    send: http.send,
    signedOut,
    closeCodes,
    comeBackNow,
    channels: async () => (await http.channels()).data?.viewer?.channels.edges.map(({ node }) => node) ?? [],
    async close() {
      isOver.abort();
      session.close();
      client.dispose();
    },
  };
}
