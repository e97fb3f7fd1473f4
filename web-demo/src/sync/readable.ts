/** A value that changes. What `get` answers is the same until it has changed. */
export type Readable<T> = {
  get(): T;
  /** The listener is called after each change; what is returned ends that. */
  subscribe(listener: () => void): () => void;
};

export type Writable<T> = Readable<T> & { set(value: T): void };

export function createWritable<T>(first: T): Writable<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
