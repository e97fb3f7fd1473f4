import { describe, expect, it } from 'vitest';
import { chatError } from '../errors.ts';
import { type ChannelId, channelIdOf } from '../ids.ts';
import { createInOrder, unordered } from './in-order.ts';

let sent = 0;
/** Something that is sent into a channel, by a nonce of its own when none is given. */
const into = (channelId: ChannelId) => (nonce?: string) => {
  sent += 1;
  return { channelId, nonce: nonce ?? `n${sent}` };
};
const [here, there] = [into(channelIdOf(1n)), into(channelIdOf(2n))];

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

/** Of a sender who knows of no answer yet. */
const unheard = () => new Promise<void>(() => undefined);

describe('the sends of one socket into one channel', () => {
  it('are recorded in the order of arrival, whichever check takes longer', async () => {
    const inOrder = createInOrder(unheard);
    const slow = held();
    const recorded: string[] = [];
    const record = (text: string) => async () => recorded.push(text);
    const first = inOrder(here(), () => slow.promise, record('first'));
    const second = inOrder(here(), async () => undefined, record('second'));
    await ticks();
    expect(recorded).toEqual([]);
    slow.resolve(undefined);
    await Promise.all([first, second]);
    expect(recorded).toEqual(['first', 'second']);
  });

  it('do not wait for the commit before them: they share a round', async () => {
    const inOrder = createInOrder(unheard);
    const commit = held();
    const recorded: string[] = [];
    const first = inOrder(
      here(),
      async () => undefined,
      () => commit.promise,
    );
    const second = inOrder(
      here(),
      async () => undefined,
      async () => recorded.push('second'),
    );
    await second;
    expect(recorded).toEqual(['second']);
    commit.resolve('first');
    expect(await first).toBe('first');
  });

  it('fail with the one that they wait behind, so that none overtakes it', async () => {
    const inOrder = createInOrder(unheard);
    const [check, recorded]: [ReturnType<typeof held>, string[]] = [held(), []];
    const first = inOrder(
      here(),
      async () => undefined,
      () => Promise.reject(new Error('unavailable')),
    );
    const second = inOrder(
      here(),
      () => check.promise,
      async () => recorded.push('second'),
    );
    const third = inOrder(
      here(),
      async () => undefined,
      async () => recorded.push('third'),
    );
    await expect(first).rejects.toThrow('unavailable');
    check.resolve(undefined);
    await expect(second).rejects.toThrow('unavailable');
    await expect(third).rejects.toThrow('unavailable');
    expect(recorded).toEqual([]);
  });

  describe.for([
    { what: 'is to be repeated', failure: chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 }) },
    { what: 'nobody foresaw', failure: new Error('connect ECONNREFUSED') },
  ])('of which one failed in a way that $what', ({ failure }) => {
    async function afterFailure() {
      const hearing: (() => void)[] = [];
      const inOrder = createInOrder(() => new Promise((resolve) => hearing.push(resolve)));
      const hear = async () => {
        hearing.shift()?.();
        await ticks();
      };
      const recorded: string[] = [];
      const send = (text: string) =>
        inOrder(
          here(text),
          async () => undefined,
          async () => recorded.push(text),
        );
      const fail = (text: string) =>
        inOrder(
          here(text),
          () => Promise.reject(failure),
          async () => undefined,
        );
      await expect(fail('first')).rejects.toBe(failure);
      return { hear, recorded, send, fail };
    }

    it('fail the same way when they were on their way already, until it is sent again', async () => {
      const { recorded, send, fail } = await afterFailure();
      for (const text of ['second', 'third']) await expect(send(text)).rejects.toBe(failure);
      await expect(fail('first')).rejects.toBe(failure);
      await expect(send('second')).rejects.toBe(failure);
      for (const text of ['first', 'second', 'third']) await send(text);
      expect(recorded).toEqual(['first', 'second', 'third']);
    });

    it('go on without it when their sender knows, and does not send it again', async () => {
      const { hear, recorded, send } = await afterFailure();
      await expect(send('second')).rejects.toBe(failure);
      await hear();
      await send('second');
      expect(recorded).toEqual(['second']);
    });

    it('go on when their sender knows of all that failed meanwhile', async () => {
      const { hear, recorded, send, fail } = await afterFailure();
      // Failed a second time: of the first they know, of this not yet.
      await expect(fail('first')).rejects.toBe(failure);
      await hear();
      await expect(send('second')).rejects.toBe(failure);
      await hear();
      await send('second');
      expect(recorded).toEqual(['second']);
    });
  });

  it('wait for the one that arrived first, when one behind it has failed before it', async () => {
    const inOrder = createInOrder(unheard);
    const commit = held();
    const failure = new Error('unavailable');
    const send = (text: string, prepare = async () => undefined) =>
      inOrder(here(text), prepare, async () => text);
    const first = inOrder(
      here('first'),
      async () => undefined,
      () => commit.promise,
    );
    await expect(send('second', () => Promise.reject(failure))).rejects.toBe(failure);
    commit.reject(failure);
    await expect(first).rejects.toBe(failure);
    await expect(send('second')).rejects.toBe(failure);
    expect(await send('first')).toBe('first');
    expect(await send('second')).toBe('second');
  });

  it('begin anew after a failure that is their own fault, when they arrive after it', async () => {
    const inOrder = createInOrder(unheard);
    await expect(
      inOrder(
        here(),
        () => Promise.reject(chatError('BAD_USER_INPUT', 'once')),
        async () => 0,
      ),
    ).rejects.toThrow('once');
    expect(
      await inOrder(
        here(),
        async () => 20,
        async (prepared) => prepared + 1,
      ),
    ).toBe(21);
  });
});

it('sends into another channel wait for nobody', async () => {
  const inOrder = createInOrder(unheard);
  const check = held();
  const first = inOrder(
    here(),
    () => check.promise,
    async () => 'here',
  );
  expect(
    await inOrder(
      there(),
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
    here(),
    () => check.promise,
    async () => 'first',
  );
  expect(
    await unordered(
      here(),
      async () => undefined,
      async () => 'second',
    ),
  ).toBe('second');
  check.resolve(undefined);
  expect(await first).toBe('first');
});
