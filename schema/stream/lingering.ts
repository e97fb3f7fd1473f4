import type { Clock } from '../ports/clock.ts';

/** What nobody uses is kept this long: a client that reconnects finds it warm. */
export const lingerMs = 30_000;

/** Something that readers share, with what lets go of it. */
export type Opened<T> = { readonly value: T; readonly close: () => void };
export type Attached<T> = { readonly value: T; release(): void };

type Entry<T> = {
  readonly opening: Promise<Opened<T>>;
  opened: Opened<T> | undefined;
  users: number;
  idleSince: number;
};

/** One thing per key, shared by those who use it: opened for the first of them, closed a while after the last. */
export interface Lingering<K, T> {
  /** Rejects as `open` did; the next one tries anew. */
  attach(key: K): Promise<Attached<T>>;
  /** What is open under this key. */
  get(key: K): T | undefined;
  /** All that are open. */
  all(): readonly (readonly [K, T])[];
  /** Closes what is open under this key, if it is still this: who attaches next gets a new one. */
  discard(key: K, value: T): void;
  closeIdle(): void;
  close(): Promise<void>;
}

export function createLingering<K, T>(
  clock: Pick<Clock, 'now'>,
  open: (key: K) => Promise<Opened<T>>,
): Lingering<K, T> {
  const entries = new Map<K, Entry<T>>();

  function remove(key: K, entry: Entry<T>): void {
    if (entries.get(key) === entry) entries.delete(key);
    entry.opened?.close();
  }

  function entryOf(key: K): Entry<T> {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry<T> = { opening: open(key), opened: undefined, users: 0, idleSince: clock.now() };
    entries.set(key, entry);
    entry.opening.then(
      (opened) => {
        entry.opened = opened;
      },
      () => remove(key, entry), // whoever attaches is told
    );
    return entry;
  }

  return {
    async attach(key) {
      const entry = entryOf(key);
      entry.users += 1;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        entry.idleSince = clock.now();
      };
      try {
        const { value } = await entry.opening;
        return { value, release };
      } catch (failure) {
        release();
        throw failure;
      }
    },
    get: (key) => entries.get(key)?.opened?.value,
    all: () => [...entries].flatMap(([key, { opened }]) => (opened ? [[key, opened.value] as const] : [])),
    discard(key, value) {
      const entry = entries.get(key);
      if (entry?.opened?.value === value) remove(key, entry);
    },
    closeIdle() {
      const longAgo = clock.now() - lingerMs;
      for (const [key, entry] of entries)
        if (entry.users === 0 && entry.opened !== undefined && entry.idleSince < longAgo) remove(key, entry);
    },
    async close() {
      for (const [key, entry] of entries) {
        await entry.opening.catch(() => undefined);
        remove(key, entry);
      }
    },
  };
}
