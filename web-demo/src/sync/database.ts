/** The IndexedDB of one account: what the cache holds, with the cursors that belong to it, and what is still to be sent. */
export async function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('entities');
    request.result.createObjectStore('meta');
    request.result.createObjectStore('outbox', { keyPath: 'place', autoIncrement: true });
  };
  const database = await answerOf(request);
  // Another tab wants to delete it: who holds on would block that for ever.
  database.onversionchange = () => database.close();
  return database;
}

export const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Resolves when all of it is stored; rejects when nothing of it is. */
export const isDone = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('It was not stored.'));
  });
