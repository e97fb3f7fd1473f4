/** Reads together what is asked for at the same moment: a viewer of a thousand channels costs a few reads, not a thousand. */
export function createBatchedRead<K, V>(
  most: number,
  read: (keys: readonly K[]) => Promise<(key: K) => V>,
): (key: K) => Promise<V> {
  let waiting: { readonly keys: K[]; readonly answer: Promise<(key: K) => V> } | undefined;

  function begin() {
    const keys: K[] = [];
    // A tick later: everything asked for together has been collected by then, and is read after it was asked for.
    const answer = Promise.resolve().then(() => {
      if (waiting?.keys === keys) waiting = undefined;
      return read(keys);
    });
    return { keys, answer };
  }

  return async (key) => {
    if (waiting === undefined || waiting.keys.length >= most) waiting = begin();
    const { keys, answer } = waiting;
    keys.push(key);
    return (await answer)(key);
  };
}
