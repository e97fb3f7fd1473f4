import { useEffect, useMemo, useState } from 'react';
import { type Client, useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import {
  type ChannelEntryFragment,
  ChannelsDocument,
  type ChannelsQuery,
  StartDocument,
} from '../gql/graphql.ts';
import { activityOf } from './channel-words.ts';

type Page = NonNullable<ChannelsQuery['viewer']>['channels'];

/** Further pages after the first: 1,000 channels, more than one person can be in. */
const maxPages = 9;
const retryMs = 10_000;

/** All channels of the viewer, last activity first, and who the viewer is. */
export function useChannels() {
  const [{ data, error }, again] = useQuery({ query: StartDocument });
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
function inOrder(pages: readonly Page[]): readonly ChannelEntryFragment[] {
  const byId = new Map<string, ChannelEntryFragment>();
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
  useEffect(() => (after === null ? undefined : readOn(client, after, setPages)), [client, after]);
  return after === null ? none : pages;
}

/** Reads one page after the other, and follows what becomes of each, until the function that comes back is called. */
function readOn(client: Client, after: string, onPages: (pages: readonly Page[]) => void): () => void {
  const pages: Page[] = [];
  const stops: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function follow(cursor: string): void {
    const at = stops.length;
    stops.push(() => undefined);
    const { unsubscribe } = client.query(ChannelsDocument, { after: cursor }).subscribe(({ data }) => {
      const page = data?.viewer?.channels;
      if (page) take(page, at);
      else timer = setTimeout(() => client.query(ChannelsDocument, { after: cursor }).toPromise(), retryMs);
    });
    stops[at] = unsubscribe;
  }
  function take(page: Page, at: number): void {
    pages[at] = page;
    onPages([...pages]);
    const { hasNextPage, endCursor } = page.pageInfo;
    if (hasNextPage && endCursor !== null && at === stops.length - 1 && stops.length < maxPages)
      follow(endCursor);
  }
  follow(after);
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
