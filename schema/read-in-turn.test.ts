import { describe, expect, it } from 'vitest';
import { createReadInTurn } from './read-in-turn.ts';

/** Reads that end when the test says so. */
function world(most = 100) {
  const reads: { readonly keys: readonly number[]; end(failure?: Error): void }[] = [];
  const ask = createReadInTurn<number, string>(
    most,
    (keys) =>
      new Promise((resolve, reject) => {
        const found = new Map(keys.map((key) => [key, `value ${key}`]));
        reads.push({ keys, end: (failure) => (failure ? reject(failure) : resolve(found)) });
      }),
  );
  const keysRead = () => reads.map(({ keys }) => keys);
  return { reads, ask, keysRead };
}
const ticks = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

describe('reads in turn', () => {
  it('are one when asked for together', async () => {
    const { reads, ask, keysRead } = world();
    const answers = [ask([1]), ask([2, 3]), ask([1])];
    await ticks();
    expect(keysRead()).toEqual([[1, 2, 3]]);
    reads[0]?.end();
    for (const answer of answers) expect((await answer).get(1)).toBe('value 1');
  });

  it('never join one that is under way: what it finds is older than the question', async () => {
    const { reads, ask, keysRead } = world();
    const first = ask([1]);
    await ticks();
    const answers = [ask([1]), ask([2]), ask([3])];
    await ticks();
    expect(keysRead()).toEqual([[1]]);
    reads[0]?.end();
    await first;
    await ticks();
    expect(keysRead()).toEqual([[1], [1, 2, 3]]);
    reads[1]?.end();
    expect((await Promise.all(answers)).map((found) => found.get(3))).toEqual(Array(3).fill('value 3'));
  });

  it('fail alone, and the next one goes on', async () => {
    const { reads, ask } = world();
    const first = ask([1]);
    await ticks();
    const second = ask([2]);
    reads[0]?.end(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await ticks();
    reads[1]?.end();
    expect((await second).get(2)).toBe('value 2');
  });

  it('are more when too much is asked for', async () => {
    const { reads, ask, keysRead } = world(2);
    const answers = [ask([1]), ask([2]), ask([3])];
    await ticks();
    reads[0]?.end();
    await ticks();
    reads[1]?.end();
    await Promise.all(answers);
    expect(keysRead()).toEqual([[1, 2], [3]]);
  });
});
