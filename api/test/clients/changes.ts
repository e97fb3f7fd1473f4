import { openAccount } from './account.ts';
import type { Chat, ChatOptions } from './chat.ts';
import { type ChangesData, documents } from './documents.ts';
import { openHttp } from './over-http.ts';
import { comeBackNow, follow } from './patience.ts';

/** Where nothing can stay open, and for an app that was woken in the background: the same events by page. */
export async function openChangesChat(options: ChatOptions): Promise<Chat> {
  const { httpUrl, onEvent } = options;
  const { deviceId, session, signedOut, closeCodes } = await openAccount(options);
  const http = openHttp(httpUrl, session);
  const first = await http.channels();
  const isOver = new AbortController();
  // region changes
  let after = [first.data?.syncCursor ?? ''];
  const askOnce = async () => {
    let hasAnswered = false;
    while (!isOver.signal.aborted) {
      const { data } = await http
        .ask<ChangesData>(documents.changes, { after })
        .catch(() => ({ data: null }));
      if (!data) break;
      hasAnswered = true;
      for (const event of data.changes.events) onEvent(event);
      after = [data.changes.cursor]; // complete: it replaces all
    }
    return hasAnswered;
  };
  void follow(askOnce, isOver.signal);
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
    },
  };
}
