import { useEffect, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { useReadable } from '../chat/readable.ts';
import {
  type ListedChannelFragment,
  ListedChannelsDocument,
  type ListedChannelsQuery,
} from '../gql/graphql.ts';
import { activityOf } from './channel-words.ts';

export type Page = NonNullable<ListedChannelsQuery['viewer']>['channels'];

/** All channels of the viewer, last activity first, and who the viewer is. */
export function useChannels() {
  const chat = useChat();
  // Before, the whole of the first screen is on its way: nothing of it is to be asked for twice.
  const pause = !useReadable(chat.isStarted);
  const [{ data, error }, again] = useQuery({ query: ListedChannelsDocument, variables: {}, pause });
  const first = data?.viewer?.channels;
  const more = useFurtherPages(first?.pageInfo);
  const channels = useMemo(() => inOrder(first ? [first, ...more] : more), [first, more]);
  return {
    viewer: data?.viewer ?? undefined,
    channels,
    /** There is nothing to show, and nothing came. */
    hasFailed: !data && error !== undefined,
    again: () => again({ requestPolicy: 'network-only' }),
  };
}

/** A channel that moves from one page to another while they are read may be on both, or on the older copy of one. */
function inOrder(pages: readonly Page[]): readonly ListedChannelFragment[] {
  const byId = new Map<string, ListedChannelFragment>();
  for (const { edges } of pages)
    for (const { node } of edges) if (!byId.has(node.id)) byId.set(node.id, node);
  return [...byId.values()].sort((one, other) => newestFirst(activityOf(one), activityOf(other)));
}

const newestFirst = (one: string, other: string) => (one < other ? 1 : one > other ? -1 : 0);

const none: readonly Page[] = [];

function useFurtherPages(first: Page['pageInfo'] | undefined): readonly Page[] {
  const { client } = useChat();
  const [pages, setPages] = useState(none);
  const after = first?.hasNextPage ? first.endCursor : null;
  useEffect(() => {
    if (after === null) return;
    // Few people have more than a hundred channels.
    const reading = import('./read-on.ts').then(({ readOn }) => readOn(client, after, setPages));
    return () => void reading.then((stop) => stop());
  }, [client, after]);
  return after === null ? none : pages;
}
