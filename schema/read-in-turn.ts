/**
 * One read at a time: whatever is asked for while one is under way is read together by the next, so that each read begins after it was
 * asked for, and the busier it gets the less each costs. Rejects for all who share a read that failed, and for nobody else.
 */
export function createReadInTurn<K, V>(
  most: number,
  read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): (keys: readonly K[]) => Promise<ReadonlyMap<K, V>> {
  type Next = { readonly keys: Set<K>; readonly answer: Promise<ReadonlyMap<K, V>> };
  let next: Next | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function begin(): Next {
    const keys = new Set<K>();
    const answer = last.then(() => {
      if (next?.keys === keys) next = undefined;
      return read([...keys]);
    });
    last = answer.catch(() => undefined);
    return { keys, answer };
  }

  return (asked) => {
    // One read is under way and one waits, unless more than `most` are asked for meanwhile.
    if (next === undefined || next.keys.size + asked.length > most) next = begin();
    for (const key of asked) next.keys.add(key);
    return next.answer;
  };
}
