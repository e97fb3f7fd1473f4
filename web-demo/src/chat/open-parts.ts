import type { Exchange } from 'urql';
import { idOf } from '../account/document-id.ts';
import { outboxName } from '../account/names.ts';
import { openSession } from '../account/session.ts';
import {
  EventsDocument,
  RefreshSessionDocument,
  type RefreshSessionMutation,
  StartDocument,
} from '../gql/graphql.ts';
import { keepCursors } from '../sync/cursors.ts';
import { isDone, openDatabase } from '../sync/database.ts';
import { openOutbox } from '../sync/outbox.ts';
import { createStorage, type Storage } from '../tabs/storage.ts';
import { cursorsIn, keptCursors, openCache } from './cache.ts';
import { openClient } from './open-client.ts';
import { waitBefore } from './patience.ts';
import { sendOnce } from './send.ts';
import { askOverSocket, openSockets, payloadOf } from './sockets.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** Everything that an account has in this window, put together; nothing of it runs yet. */
export async function openParts(name: string, viewerId: string) {
  const database = await openDatabase(name);
  const session = openSession(viewerId);
  const sockets = openSockets(session);
  const [cursors, asking] = [keepCursors(), { isKnown: true }];
  let stored: readonly string[] = [];
  let onStored = () => {};
  const storage = createStorage(database, {
    shape: `${idOf(StartDocument)} ${idOf(EventsDocument)}`,
    marked: keptCursors,
    isKept: (key) => !key.startsWith('Query.searchUsers('),
    onWritten(fields) {
      stored = cursorsIn(fields);
      onStored();
    },
  });
  const cache = await openHydrated(storage, (adapter) => openCache({ viewerId, cursors, storage: adapter }));
  const { client, uncached, toCache } = openClient({ session, sockets, asking, cache: cache.exchange });
  cursors.begin(cursorsIn({ list: (await cache.entries)[`${keptCursors}.list`] ?? '[]' }));
  await cache.isHydrated;
  const outbox = await openOutbox({
    name: outboxName(viewerId),
    database,
    send: (message) => sendOnce(client, message),
    waitBefore,
  });

  return {
    ...{ session, sockets, cursors, asking, storage, client, uncached, toCache, outbox },
    /** The cursors that are safe here, with all that they stand for. */
    storedCursors: () => stored,
    onStored(listener: () => void): void {
      onStored = listener;
    },
    refreshOverSocket: (refreshToken: string) =>
      askOverSocket<RefreshSessionMutation>(sockets.client, {
        ...payloadOf(RefreshSessionDocument, asking.isKnown),
        variables: { refreshToken },
      }),
    /** Takes away what is stored. What is still to be sent stays, unless `unsent` says otherwise: who signs in again sends it. */
    async forget({ unsent = false } = {}): Promise<void> {
      await storage.close();
      const stores = ['entities', 'meta', ...(unsent ? ['outbox'] : [])];
      const transaction = database.transaction(stores, 'readwrite');
      for (const store of transaction.objectStoreNames) transaction.objectStore(store).clear();
      await isDone(transaction);
    },
    close(): void {
      outbox.close();
      void storage.close().finally(() => database.close());
      void sockets.client.dispose();
    },
  };
}

/** The cache begins to read when its client is made; what is asked before it has read goes to the server. */
async function openHydrated(storage: Storage, open: (adapter: Storage) => Exchange) {
  const entries = storage.readData();
  await entries;
  let onCacheHydrated = () => {};
  const isHydrated = new Promise<void>((resolve) => {
    onCacheHydrated = resolve;
  });
  return { exchange: open({ ...storage, readData: () => entries, onCacheHydrated }), entries, isHydrated };
}
