/** Where the first of these stands that is not before `value`, ascending as they are by `keyOf`; their count when all are before. */
export function firstFrom<T>(things: readonly T[], value: number, keyOf: (thing: T) => number): number {
  let [from, to] = [0, things.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const thing = things[middle];
    if (thing !== undefined && keyOf(thing) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The largest of any stretch of numbers, in steps that grow with the logarithm of their count. */
export function createMaxima(values: readonly number[]): (from: number, to: number) => number {
  const size = values.length;
  const tree = new Float64Array(2 * size).fill(Number.NEGATIVE_INFINITY);
  tree.set(values, size);
  const at = (index: number) => tree[index] ?? Number.NEGATIVE_INFINITY;
  for (let node = size - 1; node > 0; node -= 1) tree[node] = Math.max(at(2 * node), at(2 * node + 1));
  return (from, to) => {
    let largest = Number.NEGATIVE_INFINITY;
    let [left, right] = [from + size, Math.min(to, size) + size];
    while (left < right) {
      if (left % 2 === 1) largest = Math.max(largest, at(left++));
      if (right % 2 === 1) largest = Math.max(largest, at(--right));
      [left, right] = [left >>> 1, right >>> 1];
    }
    return largest;
  };
}

/** What is in the map under this key; made, and put there, when there is nothing. */
export function inside<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
