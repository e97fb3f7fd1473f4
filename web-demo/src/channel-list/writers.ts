import type { Client } from 'urql';
import type { Chat } from '../chat/chat-context.tsx';
import { TypingDocument } from '../gql/graphql.ts';
import { createWatchedIds, type WatchedIds } from './watched-ids.ts';
import { createWriting } from './writing.ts';

type Writers = WatchedIds & Pick<ReturnType<typeof createWriting>, 'get' | 'subscribe'>;

const watchLimit = 200;

/** Who writes, in all channels that are on the screen. */
function createWriters({ client, onEvent }: Chat): Writers {
  const { begin, end, get, subscribe } = createWriting();

  function open(channelIds: readonly string[], onEnd: () => void): () => void {
    const stopEvents = onEvent((event) => {
      // Somebody who has sent what they wrote says no more about it.
      const author = event.__typename === 'MessageSent' ? event.message?.author : undefined;
      if (author && 'channelId' in event) end(event.channelId, author.id);
    });
    const source = client.subscription(TypingDocument, { channelIds: [...channelIds] });
    const { unsubscribe } = source.subscribe(({ data, error, hasNext }) => {
      const told = data?.typing;
      if (told?.isTyping) begin(told.channelId, told.user);
      else if (told) end(told.channelId, told.user.id);
      if (error || !hasNext) onEnd();
    });
    return () => {
      unsubscribe();
      stopEvents();
    };
  }
  return { ...createWatchedIds({ limit: watchLimit, open }), get, subscribe };
}

/** Kept as long as the client of the account is. */
const ofClient = new WeakMap<Client, Writers>();
export function writersOf(chat: Chat): Writers {
  const writers = ofClient.get(chat.client) ?? createWriters(chat);
  ofClient.set(chat.client, writers);
  return writers;
}
