import type { OperationResult } from 'urql';
import type { Chat } from '../chat/chat-context.tsx';
import {
  ChannelDocument,
  type ChannelQuery,
  MessagesAroundDocument,
  NewerMessagesDocument,
  OlderMessagesDocument,
} from '../gql/graphql.ts';
import { type Message, patchMessage } from './message.ts';
import type { Source } from './timeline-frame.ts';
import type { Row, Stretch } from './timeline-window.ts';

type Connection = NonNullable<ChannelQuery['channel']>['messages'];
const pageSize = 50;
const halfPage = 25;
const fresh = { requestPolicy: 'network-only' } as const;

const stretchOf = ({ edges, pageInfo }: Connection): Stretch<Message> => ({
  // What an event has put on the page has no cursor: those come from the server only.
  rows: edges.map(({ cursor, node }) => ({ message: node, cursor: cursor || null })),
  hasOlder: pageInfo.hasPreviousPage,
  hasNewer: pageInfo.hasNextPage,
});

/** An answer with an error in it is none: a page with a part missing would be a hole. */
async function dataOf<Data>(result: PromiseLike<OperationResult<Data>>): Promise<Data> {
  const { data, error } = await result;
  if (error || !data) throw error ?? new Error('There was no answer.');
  return data;
}

/** The messages of a channel, page by page. The newest are in the cache; the others would only fill it. */
export function messagesOf(
  { client, uncached }: Pick<Chat, 'client' | 'uncached'>,
  id: string,
): Source<Message> {
  async function around(place: { number: number } | { messageId: string }, counts: Counts) {
    const { channel } = await dataOf(
      uncached.query(MessagesAroundDocument, { id, place, ...counts }).toPromise(),
    );
    return channel && stretchOf(channel.messagesAround);
  }

  async function newest(isFresh: boolean) {
    const policy = isFresh ? fresh : ({ requestPolicy: 'cache-first' } as const);
    const { channel } = await dataOf(client.query(ChannelDocument, { id }, policy).toPromise());
    if (!channel) return null;
    const { rows, hasOlder } = stretchOf(channel.messages);
    // Events push the oldest off a full page, and do not say that they are still to be had.
    const page = { rows, hasOlder: hasOlder || rows.length >= pageSize, hasNewer: false };
    // Somebody who sees only what came after their joining may have nothing to see yet.
    return { ...page, lastNumber: channel.lastMessage ? channel.lastNumber : 0 };
  }

  async function older({ message, cursor }: Row<Message>) {
    if (cursor === null) return around({ number: message.number }, { countBefore: pageSize, countAfter: 0 });
    const { channel } = await dataOf(
      uncached.query(OlderMessagesDocument, { id, before: cursor }).toPromise(),
    );
    return channel && stretchOf(channel.messages);
  }

  async function newer({ message, cursor }: Row<Message>) {
    if (cursor === null) return around({ number: message.number }, { countBefore: 0, countAfter: pageSize });
    const { channel } = await dataOf(
      uncached.query(NewerMessagesDocument, { id, after: cursor }).toPromise(),
    );
    return channel && stretchOf(channel.messages);
  }

  return {
    newest,
    older,
    newer,
    around: (place) => around(place, { countBefore: halfPage, countAfter: halfPage }),
    patch: patchMessage,
  };
}

type Counts = { readonly countBefore: number; readonly countAfter: number };
