import { describe, expect, it } from 'vitest';
import { chatError } from '../errors.ts';
import { channelIdOf } from '../ids.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { createInOrder, onTheWayMs, unordered } from './in-order.ts';

const [here, there] = [channelIdOf(1n), channelIdOf(2n)];

function held() {
  let resolve: (value: unknown) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
const ticks = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

describe('the sends of one socket into one channel', () => {
  it('are recorded in the order of arrival, whichever check takes longer', async () => {
    const inOrder = createInOrder(createManualClock(0));
    const slow = held();
    const recorded: string[] = [];
    const record = (text: string) => async () => recorded.push(text);
    const first = inOrder(here, () => slow.promise, record('first'));
    const second = inOrder(here, async () => undefined, record('second'));
    await ticks();
    expect(recorded).toEqual([]);
    slow.resolve(undefined);
    await Promise.all([first, second]);
    expect(recorded).toEqual(['first', 'second']);
  });

  it('do not wait for the commit before them: they share a round', async () => {
    const inOrder = createInOrder(createManualClock(0));
    const commit = held();
    const recorded: string[] = [];
    const first = inOrder(
      here,
      async () => undefined,
      () => commit.promise,
    );
    const second = inOrder(
      here,
      async () => undefined,
      async () => recorded.push('second'),
    );
    await second;
    expect(recorded).toEqual(['second']);
    commit.resolve('first');
    expect(await first).toBe('first');
  });

  it('fail with the one that they wait behind, so that none overtakes it', async () => {
    const inOrder = createInOrder(createManualClock(0));
    const [check, recorded]: [ReturnType<typeof held>, string[]] = [held(), []];
    const first = inOrder(
      here,
      async () => undefined,
      () => Promise.reject(new Error('unavailable')),
    );
    const second = inOrder(
      here,
      () => check.promise,
      async () => recorded.push('second'),
    );
    const third = inOrder(
      here,
      async () => undefined,
      async () => recorded.push('third'),
    );
    await expect(first).rejects.toThrow('unavailable');
    check.resolve(undefined);
    await expect(second).rejects.toThrow('unavailable');
    await expect(third).rejects.toThrow('unavailable');
    expect(recorded).toEqual([]);
  });

  it.for([
    { what: 'is to be repeated', failure: chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 }) },
    { what: 'nobody foresaw', failure: new Error('connect ECONNREFUSED') },
  ])(
    'fail also when they were on their way already as one failed in a way that $what, and a second later they do not',
    async ({ failure }) => {
      const clock = createManualClock(0);
      const inOrder = createInOrder(clock);
      const recorded: string[] = [];
      const send = (text: string) =>
        inOrder(
          here,
          async () => undefined,
          async () => recorded.push(text),
        );
      const failing = inOrder(
        here,
        () => Promise.reject(failure),
        async () => undefined,
      );
      await expect(failing).rejects.toBe(failure);
      await clock.advance(onTheWayMs - 1);
      await expect(send('second')).rejects.toBe(failure);
      // Who is refused for that does not prolong it.
      await clock.advance(1);
      await send('first, again');
      expect(recorded).toEqual(['first, again']);
    },
  );

  it('begin anew after a failure that is their own fault, when they arrive after it', async () => {
    const inOrder = createInOrder(createManualClock(0));
    await expect(
      inOrder(
        here,
        () => Promise.reject(chatError('BAD_USER_INPUT', 'once')),
        async () => 0,
      ),
    ).rejects.toThrow('once');
    expect(
      await inOrder(
        here,
        async () => 20,
        async (prepared) => prepared + 1,
      ),
    ).toBe(21);
  });
});

it('sends into another channel wait for nobody', async () => {
  const inOrder = createInOrder(createManualClock(0));
  const check = held();
  const first = inOrder(
    here,
    () => check.promise,
    async () => 'here',
  );
  expect(
    await inOrder(
      there,
      async () => undefined,
      async () => 'there',
    ),
  ).toBe('there');
  check.resolve(undefined);
  expect(await first).toBe('here');
});

it('requests over HTTP have no order among each other', async () => {
  const check = held();
  const first = unordered(
    here,
    () => check.promise,
    async () => 'first',
  );
  expect(
    await unordered(
      here,
      async () => undefined,
      async () => 'second',
    ),
  ).toBe('second');
  check.resolve(undefined);
  expect(await first).toBe('first');
});
