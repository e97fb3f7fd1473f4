import { type AppWindow, type Found, windowFor } from './decide.ts';
import type { ToWindow, Whereabouts } from './messages.ts';

declare const self: ServiceWorkerGlobalScope;

/** So long a window may take to say where it is: one that is awake needs a few milliseconds. */
const answerWithinMs = 400;

type Open = AppWindow & Found & { readonly client: WindowClient };

/** All windows of the app; GraphiQL is another page of the same origin. */
export async function openWindows(viewerId: string | undefined): Promise<readonly Open[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const ours = windows.filter(({ url }) => new URL(url).pathname === '/');
  return Promise.all(
    ours.map(async (client) => ({ client, ...foundOf(client, await ask(client), viewerId) })),
  );
}

const foundOf = ({ focused }: WindowClient, said: Whereabouts | undefined, viewerId: string | undefined) => ({
  channelId: said?.channelId,
  isVisible: said?.isVisible === true && said.viewerId === viewerId,
  isFocused: focused,
  owner:
    said === undefined
      ? ('silent' as const)
      : said.viewerId === viewerId
        ? ('own' as const)
        : ('other' as const),
});

function ask(client: WindowClient): Promise<Whereabouts | undefined> {
  const { port1, port2 } = new MessageChannel();
  const question: ToWindow = { kind: 'where' };
  return new Promise<Whereabouts | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), answerWithinMs);
    port1.onmessage = ({ data }: MessageEvent<Whereabouts>) => {
      clearTimeout(timer);
      resolve(data);
    };
    client.postMessage(question, [port2]);
  }).finally(() => port1.close());
}

export async function tellWindows(what: ToWindow): Promise<void> {
  for (const client of await self.clients.matchAll({ type: 'window' })) client.postMessage(what);
}

/** As the page addresses a channel: see `route.ts`. */
export const addressOf = (channelId: string): string => `/#/channel/${encodeURIComponent(channelId)}`;

/** Brings a channel to the front: in a window that is there, or in a new one. */
export async function openChannel(channelId: string, viewerId: string | undefined): Promise<void> {
  const chosen = windowFor(await openWindows(viewerId));
  if (chosen === undefined) return void (await self.clients.openWindow(addressOf(channelId)));
  const client = await chosen.client.focus().catch(() => chosen.client);
  const order: ToWindow = { kind: 'open', channelId };
  if (chosen.owner === 'own') client.postMessage(order);
  // It may sleep, or just begin: it finds its way by its address.
  else await client.navigate(addressOf(channelId)).catch(() => self.clients.openWindow(addressOf(channelId)));
}
