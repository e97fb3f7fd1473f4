import type { Client } from 'urql';
import { type Account, forgetTokens, leaveAccount, readAccount } from '../account/accounts.ts';
import { ask } from '../account/ask.ts';
import { chatName } from '../account/names.ts';
import { EventsDocument, SignOutDocument, StartDocument } from '../gql/graphql.ts';
import type { ChatEvent } from '../sync/apply-event.ts';
import { createWritable } from '../sync/readable.ts';
import { type Connection, openStream } from '../tabs/one-leader.ts';
import { createAcknowledging } from './acknowledge.ts';
import { watchActivity } from './activity.ts';
import type { Chat } from './chat-context.tsx';
import { createFollowing } from './follow-events.ts';
import { followPlaces } from './follow-places.ts';
import { openParts, type Parts } from './open-parts.ts';
import { comeBackNow, waitBefore } from './patience.ts';

export type OpenChat = Chat & { close(): void };

/** Opens the account of this window: what is stored is there at once, then the stream goes on from where that was. */
export async function openChat({ viewerId }: Account): Promise<OpenChat> {
  const name = chatName(viewerId);
  const parts = await openParts(name, viewerId);
  const { client, outbox, sockets, session } = parts;
  const listeners = new Set<(event: ChatEvent) => void>();
  const connection = createWritable<Connection>('connecting');
  const isStarted = createWritable(parts.cursors.all().length > 0);
  const leading = createLeading(name, parts);
  const isOver = new AbortController();

  function take(event: ChatEvent): void {
    parts.toCache(event);
    if (event.__typename === 'MessageSent' && event.message?.nonce) outbox.onSent(event.message.nonce);
    readAnew(client, event);
    for (const listener of listeners) listener(event);
  }

  function close(): void {
    if (isOver.signal.aborted) return;
    isOver.abort();
    leading.close();
    parts.close();
  }

  /** What is kept here goes before the page is left: nobody waits for that any more afterwards. */
  async function leave(unsent: boolean): Promise<void> {
    await parts.forget({ unsent }).catch(() => undefined); // closed already
    void seldom()
      .then(({ forgetDevice }) => forgetDevice(viewerId))
      .catch(() => undefined);
    connection.set('signedOut');
    close();
  }
  session.onSignedOut(() => void leave(false));
  const unwatch = watchNetwork(() => sockets.renew());
  isOver.signal.addEventListener('abort', unwatch);
  void run().catch(() => undefined); // closed meanwhile

  async function run(): Promise<void> {
    const events = client.subscription(EventsDocument, {}).subscribe(() => undefined); // by this the cache takes them
    isOver.signal.addEventListener('abort', () => events.unsubscribe());
    await readFirst(parts, { signal: isOver.signal, onFailed: () => connection.set('offline') });
    isOver.signal.addEventListener('abort', followPlaces(client, sockets));
    if (isOver.signal.aborted) return;
    isStarted.set(true);
    const stream = openStream({
      name,
      take,
      subscribe: createFollowing({
        ...parts,
        onDamaged: () => void parts.forget().then(() => location.reload()),
      }),
      socket: sockets.state,
      onLeading: leading.set,
      isVisible: () => document.visibilityState === 'visible',
    });
    isOver.signal.addEventListener('abort', () => stream.close());
    const show = () => {
      if (connection.get() !== 'signedOut') connection.set(stream.connection.get());
      leading.onConnection(stream.connection.get());
    };
    stream.connection.subscribe(show);
    show();
  }

  return {
    viewerId,
    client,
    uncached: parts.uncached,
    outbox,
    connection,
    isStarted,
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async signOut() {
      await endSession(viewerId);
      await leave(true);
    },
    close,
  };
}

type Reading = { readonly signal: AbortSignal; readonly onFailed: () => void };

/** The first screen, when nothing of it is stored: the stream goes on from the cursor that came with it. */
async function readFirst({ client, cursors }: Parts, { signal, onFailed }: Reading): Promise<void> {
  for (let attempt = 0; cursors.all().length === 0 && !signal.aborted; attempt += 1) {
    const { data } = await client.query(StartDocument, {}, { requestPolicy: 'network-only' }).toPromise();
    if (data?.syncCursor) return cursors.begin([data.syncCursor]);
    onFailed();
    await waitBefore(attempt, signal);
  }
}

const seldom = () => import('./seldom.ts');

/** What an event says is to be forgotten; who shows it reads the rest again by itself. */
function readAnew(client: Client, event: ChatEvent): void {
  const fresh = { requestPolicy: 'network-only' } as const;
  if (event.__typename === 'SyncReset')
    void seldom()
      .then(({ readChannelAnew }) => readChannelAnew(client, event.channelId))
      .catch(() => undefined); // who opens it reads it anyway
  if (event.__typename === 'ViewerReset') void client.query(StartDocument, {}, fresh).toPromise();
}

/** What only the tab that leads does. */
function createLeading(name: string, parts: Parts) {
  const { client, storage, outbox, session } = parts;
  let isLeading = false;
  let stopRefreshing = () => {};
  const activity = watchActivity(name, client, () => isLeading);
  const acknowledging = createAcknowledging(client, parts.storedCursors);
  parts.onStored(acknowledging.onStored);
  return {
    set(leads: boolean): void {
      isLeading = leads;
      if (leads) storage.lead();
      else storage.follow();
      outbox.lead(leads);
      stopRefreshing();
      stopRefreshing = leads ? session.keepFresh(parts.refreshOverSocket) : () => {};
    },
    onConnection(connection: Connection): void {
      if (connection === 'live') activity.onConnected();
    },
    close(): void {
      stopRefreshing();
      acknowledging.close();
      activity.close();
    },
  };
}

/** When the network or somebody comes back, nobody waits any longer; when it goes, no socket is believed in. */
function watchNetwork(onOffline: () => void): () => void {
  const onVisible = () => document.visibilityState === 'visible' && comeBackNow();
  addEventListener('online', comeBackNow);
  addEventListener('offline', onOffline);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    removeEventListener('online', comeBackNow);
    removeEventListener('offline', onOffline);
    document.removeEventListener('visibilitychange', onVisible);
  };
}

/** Without an answer the session ends by itself some day; here it is forgotten now. */
async function endSession(viewerId: string): Promise<void> {
  const tokens = readAccount(viewerId)?.tokens;
  if (tokens) await ask(SignOutDocument, { refreshToken: tokens.refreshToken }).catch(() => undefined);
  forgetTokens(viewerId);
  leaveAccount();
}
