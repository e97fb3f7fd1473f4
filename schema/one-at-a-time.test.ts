import { expect, it } from 'vitest';
import { createOneAtATime } from './one-at-a-time.ts';

/** Work that ends when it is told to. */
function work() {
  let end: (text: string) => void = () => undefined;
  let begun = false;
  const done = new Promise<string>((resolve) => {
    end = resolve;
  });
  const run = () => {
    begun = true;
    return done;
  };
  return { run, end: (text: string) => end(text), hasBegun: () => begun };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('runs what has one key in the order of arrival, and does not hold up other keys', async () => {
  const inTurn = createOneAtATime({ maxWaiting: 10 });
  const [first, second, other] = [work(), work(), work()];
  const answers = [inTurn('a', first.run), inTurn('a', second.run), inTurn('b', other.run)];
  await turn();
  expect([first, second, other].map(({ hasBegun }) => hasBegun())).toEqual([true, false, true]);
  other.end('other');
  first.end('first');
  await turn();
  expect(second.hasBegun()).toBe(true);
  second.end('second');
  expect(await Promise.all(answers)).toEqual(['first', 'second', 'other']);
});

it('goes on after work that failed, and tells only whose it was', async () => {
  const inTurn = createOneAtATime({ maxWaiting: 10 });
  const failing = inTurn('a', () => Promise.reject(new Error('This one failed.')));
  const next = inTurn('a', async () => 'next');
  await expect(failing).rejects.toThrow('This one failed.');
  expect(await next).toBe('next');
});

it('turns away whoever would wait behind too many, and takes them later', async () => {
  const inTurn = createOneAtATime({ maxWaiting: 2 });
  const first = work();
  const answers = [inTurn('a', first.run), inTurn('a', async () => '2'), inTurn('a', async () => '3')];
  expect(await inTurn('a', async () => '4')).toBe('busy');
  first.end('1');
  expect(await Promise.all(answers)).toEqual(['1', '2', '3']);
  expect(await inTurn('a', async () => 'later')).toBe('later');
});
