/** Runs work that has the same key one after another, in the order of arrival. `busy`: too many wait already. */
export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T | 'busy'>;

/** Within this process only. A key is forgotten when nothing waits for it. */
export function createOneAtATime({ maxWaiting }: { readonly maxWaiting: number }): OneAtATime {
  const lanes = new Map<string, { tail: Promise<unknown>; count: number }>();
  return async (key, work) => {
    const lane = lanes.get(key) ?? { tail: Promise.resolve(), count: 0 };
    if (lane.count > maxWaiting) return 'busy';
    lanes.set(key, lane);
    lane.count += 1;
    const turn = lane.tail.then(work);
    lane.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      lane.count -= 1;
      if (lane.count === 0) lanes.delete(key);
    }
  };
}
