import type { Client } from 'urql';
import { ChannelsDocument, ListedChannelsDocument } from '../gql/graphql.ts';
import type { Page } from './use-channels.ts';

/** Further pages after the first: 1,000 channels, more than one person can be in. */
const maxPages = 9;
const retryMs = 10_000;

/** Reads one page after the other, and follows what becomes of each, until the function that comes back is called. */
export function readOn(client: Client, after: string, onPages: (pages: readonly Page[]) => void): () => void {
  const pages: Page[] = [];
  const stops: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  async function follow(cursor: string): Promise<void> {
    const at = stops.length;
    stops.push(() => undefined);
    const { data } = await client.query(ChannelsDocument, { after: cursor }).toPromise();
    if (isOver) return;
    if (!data) timer = setTimeout(() => void follow(cursor), retryMs);
    if (!data) return void stops.pop();
    const { unsubscribe } = client
      .query(ListedChannelsDocument, { after: cursor })
      .subscribe(({ data: listed }) => listed?.viewer && take(listed.viewer.channels, at));
    stops[at] = unsubscribe;
  }
  function take(page: Page, at: number): void {
    pages[at] = page;
    onPages([...pages]);
    const { hasNextPage, endCursor } = page.pageInfo;
    if (hasNextPage && endCursor !== null && at === stops.length - 1 && stops.length < maxPages)
      void follow(endCursor);
  }
  void follow(after);
  return () => {
    isOver = true;
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
