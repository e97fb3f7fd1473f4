import type { Tokens } from '../account/tokens.ts';
import { answerOf, isDone } from '../sync/database.ts';
import { nothingTold, type Told } from './decide.ts';

/** Whose messages this browser is told of. The tokens are the same as those of the tabs, which cannot be seen from a worker. */
export type Owner = { readonly viewerId: string; readonly tokens: Tokens };

const databaseName = 'parley.worker';
const ownerKey = 'owner';
/** One can be in 1,000 channels; what is remembered of more is of channels that are gone. */
const maxTold = 2_000;

async function withKept<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const request = indexedDB.open(databaseName, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('owner');
    request.result.createObjectStore('told');
  };
  const database = await answerOf(request);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/** Undefined when nobody wants to be told of anything here. */
export const readOwner = (): Promise<Owner | undefined> =>
  withKept((database) =>
    answerOf<Owner | undefined>(database.transaction('owner').objectStore('owner').get(ownerKey)),
  );

export const writeOwner = (owner: Owner): Promise<void> =>
  withKept((database) => {
    const transaction = database.transaction('owner', 'readwrite');
    transaction.objectStore('owner').put(owner, ownerKey);
    return isDone(transaction);
  });

/** Nothing is left of whoever was told of something here. */
export const forgetOwner = (): Promise<void> =>
  withKept((database) => {
    const transaction = database.transaction(['owner', 'told'], 'readwrite');
    for (const store of transaction.objectStoreNames) transaction.objectStore(store).clear();
    return isDone(transaction);
  });

export const readTold = (channelId: string): Promise<Told> =>
  withKept(async (database) => {
    const store = database.transaction('told').objectStore('told');
    return (await answerOf<Told | undefined>(store.get(channelId))) ?? nothingTold;
  });

export const writeTold = (channelId: string, told: Told): Promise<void> =>
  withKept(async (database) => {
    const transaction = database.transaction('told', 'readwrite');
    const store = transaction.objectStore('told');
    if ((await answerOf(store.count())) >= maxTold) store.clear();
    store.put(told, channelId);
    return isDone(transaction);
  });
