/** So many numbers are asked about in one read: a million take four reads, and each read is bounded. */
const perRead = 31;

/**
 * The smallest number from 1 to `count` for which `holds`; `count + 1` when there is none. `holds` is asked about several at
 * once, ascending, and must be false up to some number and true from there on.
 */
export async function firstWhere(
  count: number,
  holds: (numbers: readonly number[]) => Promise<readonly boolean[]>,
): Promise<number> {
  let [not, does] = [0, count + 1];
  // Each turn leaves at most a 32nd of the numbers.
  while (does - not > 1) {
    const numbers = spreadBetween(not, does);
    const first = (await holds(numbers)).indexOf(true);
    const at = first === -1 ? numbers.length : first;
    [not, does] = [numbers[at - 1] ?? not, numbers[at] ?? does];
  }
  return does;
}

/** Numbers strictly between two others, evenly spread; all of them when they are few. */
function spreadBetween(low: number, high: number): readonly number[] {
  const count = Math.min(perRead, high - low - 1);
  const step = (high - low) / (count + 1);
  return Array.from({ length: count }, (_, index) => low + Math.floor((index + 1) * step));
}
