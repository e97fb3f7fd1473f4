import { expect, it } from 'vitest';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import { createAnswers } from './answers.ts';

function world() {
  const clock = createManualClock(0);
  const answers = createAnswers(clock);
  let end = () => {};
  const answer = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done: number[] = [];
  return { clock, answers, answer, end: () => end(), done, isDone: () => done.push(clock.now()) };
}

it('waits for nothing when nothing is being answered', async () => {
  const { answers, done, isDone } = world();
  await answers.keep(Promise.resolve());
  await answers.keep(Promise.reject(new Error('It failed.'))).catch(() => undefined);
  answers.whenDone(isDone);
  expect(done).toEqual([0]);
});

it('waits for what is being answered, however that ends', async () => {
  const { clock, answers, answer, end, done, isDone } = world();
  const kept = answers.keep(answer);
  const failing = answers.keep(Promise.reject(new Error('It failed.'))).catch(() => undefined);
  answers.whenDone(isDone);
  await failing;
  await clock.advance(500);
  expect(done).toEqual([]);
  end();
  await kept;
  await clock.advance(0);
  expect(done).toEqual([500]);
  await clock.advance(10_000);
  expect(done).toEqual([500]);
});

it('waits for a second, not longer', async () => {
  const { clock, answers, answer, done, isDone } = world();
  void answers.keep(answer);
  answers.whenDone(isDone);
  await clock.advance(999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual([1_000]);
});
