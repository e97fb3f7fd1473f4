import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { channelIdOf, userIdOf } from '../../ids.ts';
import { createManualClock } from '../../ports/clock.manual.ts';
import type { Job, Jobs } from '../../ports/jobs.ts';
import { upTo } from '../../ports/random.contract.ts';
import { createWaker } from '../../wake/waker.ts';

const [ada, bob] = [userIdOf(1n), userIdOf(2n)];
const crew = channelIdOf(7n);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A waker whose jobs are seen, and whose looks at who can be woken are counted. `reached` are those people. */
function open({ reached = [1n] }: { readonly reached?: readonly bigint[] } = {}) {
  const clock = createManualClock(1_717_171_717_171);
  const looks = { count: 0, fails: false };
  const added: { readonly job: Job; readonly at: number }[] = [];
  const store = { fails: false };
  const jobs = {
    async add(all: readonly Job[]) {
      if (store.fails) throw new Error('The store of jobs does not answer.');
      added.push(...all.map((job) => ({ job, at: clock.now() })));
    },
  } satisfies Pick<Jobs, 'add'>;
  const prisma = {
    async $queryRaw() {
      looks.count += 1;
      if (looks.fails) throw new Error('The database is away.');
      return reached.map((userId) => ({ userId }));
    },
  };
  const logger = pino({ enabled: false });
  const warned = vi.spyOn(logger, 'warn');
  const waker = createWaker({ clock, logger, jobs, prisma: prisma as never });
  closers.push(waker.close);
  const start = clock.now();
  const times = () => added.map(({ at }) => at - start);
  return { clock, waker, added, times, looks, store, warned };
}

describe('what is said in a channel', () => {
  it('becomes one job, which waits until more has been said', async () => {
    const { clock, waker, added } = open();
    waker.onSaid(crew, bob);
    await clock.advance(10_000);
    expect(added.map(({ job }) => job)).toEqual([
      { name: 'wakeChannel', payload: { channelId: crew }, key: crew, delayMs: 3_000 },
    ]);
  });

  it('becomes one job in three seconds at most, however much it is, and the last of it has one behind it', async () => {
    const { clock, waker, times } = open();
    for (const _ of upTo(100)) {
      waker.onSaid(crew, bob);
      await clock.advance(100);
    }
    await clock.advance(10_000);
    expect(times()).toEqual([0, 3_000, 6_000, 9_000, 12_000]);
  });

  it('becomes none where nobody but the author can be woken, and that is looked up once in ten seconds', async () => {
    const { clock, waker, added, looks } = open();
    for (const _ of upTo(50)) waker.onSaid(crew, ada);
    await clock.advance(9_999);
    waker.onSaid(crew, ada);
    await clock.advance(0);
    expect([added.length, looks.count]).toEqual([0, 1]);
    await clock.advance(1);
    waker.onSaid(crew, ada);
    await clock.advance(0);
    expect([added.length, looks.count]).toEqual([0, 2]);
    waker.onSaid(crew, bob);
    await clock.advance(0);
    expect([added.length, looks.count]).toEqual([1, 2]);
  });

  it('waits for the sweep while the store of jobs or the database is away, which is logged once', async () => {
    const { clock, waker, added, looks, store, warned } = open();
    store.fails = true;
    for (const n of upTo(5)) waker.onSaid(channelIdOf(BigInt(n + 10)), bob);
    await clock.advance(10_000);
    looks.fails = true;
    for (const n of upTo(5)) waker.onSaid(channelIdOf(BigInt(n + 10)), bob);
    await clock.advance(10_000);
    expect([added.length, warned.mock.calls.length]).toEqual([0, 1]);
    Object.assign(store, { fails: false });
    Object.assign(looks, { fails: false });
    waker.onSaid(crew, bob);
    await clock.advance(10_000);
    expect(added).toHaveLength(1);
  });

  it('is added at a close, when it waits', async () => {
    const { clock, waker, times } = open();
    waker.onSaid(crew, bob);
    await clock.advance(1_000);
    waker.onSaid(crew, bob);
    await clock.advance(0);
    await waker.close();
    expect(times()).toEqual([0, 1_000]);
  });
});

describe('who reads', () => {
  it('has their devices looked at, once in a second at most', async () => {
    const { clock, waker, added, times } = open();
    for (const _ of upTo(25)) {
      waker.onRead(crew, ada);
      await clock.advance(100);
    }
    await clock.advance(10_000);
    expect(times()).toEqual([0, 1_000, 2_000, 3_000]);
    expect(added[0]?.job).toEqual({
      name: 'clearPush',
      payload: { userId: ada, channelId: crew },
      key: `${ada}|${crew}`,
    });
  });

  it('and cannot be woken costs one look in ten seconds', async () => {
    const { clock, waker, added, looks } = open({ reached: [] });
    for (const n of upTo(20)) waker.onRead(channelIdOf(BigInt(n)), ada);
    await clock.advance(5_000);
    expect([added.length, looks.count]).toEqual([0, 1]);
  });
});
