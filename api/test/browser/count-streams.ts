import type { BrowserContext, Page, WebSocket } from 'playwright-core';

/** The subscriptions to `events` on the sockets of one browser, in all of its tabs. */
export type Streams = {
  /** How many there are. */
  readonly now: () => number;
  /** In which tab one is. */
  readonly tab: () => Page | undefined;
};

type Frame = {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly data?: { readonly events?: unknown } };
};

/** To be called before the first tab is opened. */
export function countStreams(context: BrowserContext): Streams {
  const tabs = new Map<Page, Set<string>>();
  context.on('page', (page) => {
    const open = new Set<string>();
    tabs.set(page, open);
    page.on('close', () => tabs.delete(page));
    let sockets = 0;
    page.on('websocket', (socket) => {
      sockets += 1;
      follow(socket, `${sockets}`, open);
    });
  });
  return {
    now: () => [...tabs.values()].reduce((sum, ids) => sum + ids.size, 0),
    tab: () => [...tabs].find(([, open]) => open.size > 0)?.[0],
  };
}

function follow(socket: WebSocket, name: string, open: Set<string>): void {
  const frame = ({ payload }: { readonly payload: string | Buffer }): Frame => JSON.parse(String(payload));
  socket.on('framereceived', (received) => {
    const { id, type, payload } = frame(received);
    if (type === 'next' && payload?.data?.events !== undefined) open.add(`${name}.${id}`);
    if (type === 'complete') open.delete(`${name}.${id}`);
  });
  socket.on('framesent', (sent) => {
    const { id, type } = frame(sent);
    if (type === 'complete') open.delete(`${name}.${id}`);
  });
  socket.on('close', () => {
    for (const id of open) if (id.startsWith(`${name}.`)) open.delete(id);
  });
}
