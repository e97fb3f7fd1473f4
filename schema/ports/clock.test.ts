import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { clockContract } from './clock.contract.ts';
import { createManualClock } from './clock.manual.ts';
import { systemClock } from './clock.ts';

const start = Date.UTC(2024, 0, 1);

clockContract('system', () => ({
  clock: systemClock,
  // Timers may fire a millisecond early by this clock.
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 2)),
}));

clockContract('manual', () => {
  const clock = createManualClock(start);
  return { clock, pass: clock.advance };
});

describe('the clock of the machine', () => {
  it('keeps nothing of who was to sleep long and was woken at once, however often', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const sleepers = async (count: number) => {
      for (let nth = 0; nth < count; nth += 1) {
        const waking = new AbortController();
        const sleep = systemClock.sleep(900_000 + nth, waking.signal);
        waking.abort();
        await sleep;
      }
    };
    await sleepers(2_000);
    const before = used();
    await sleepers(100_000);
    expect((used() - before) / 100_000).toBeLessThan(20); // bytes of each; an empty list of timers is 150
  });
});

describe('the manual clock', () => {
  it('stands still until it is moved, and wakes each sleeper at its own time', async () => {
    const clock = createManualClock(start);
    const woken: number[] = [];
    const sleep = (ms: number) => clock.sleep(ms).then(() => woken.push(clock.now() - start));
    void sleep(30);
    void sleep(10);
    void sleep(50);
    await clock.advance(9);
    expect([clock.now(), woken]).toEqual([start + 9, []]);
    await clock.advance(31);
    expect([clock.now(), woken]).toEqual([start + 40, [10, 30]]);
  });

  it('wakes sleepers of one time in the order in which they went to sleep', async () => {
    const clock = createManualClock(start);
    const woken: string[] = [];
    for (const name of ['a', 'b', 'c']) void clock.sleep(5).then(() => woken.push(name));
    await clock.advance(5);
    expect(woken).toEqual(['a', 'b', 'c']);
  });

  it('lets those who sleep again wake again within one move', async () => {
    const clock = createManualClock(start);
    const ticks: number[] = [];
    const tick = async () => {
      for (let n = 0; n < 4; n += 1) {
        await clock.sleep(10);
        await Promise.resolve();
        ticks.push(clock.now() - start);
      }
    };
    const ticking = tick();
    await clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
    await clock.advance(5);
    await ticking;
  });

  it('wakes who sleeps for no time when it is moved by nothing', async () => {
    const clock = createManualClock(start);
    let isAwake = false;
    void clock.sleep(0).then(() => {
      isAwake = true;
    });
    await clock.advance(0);
    expect([isAwake, clock.now()]).toEqual([true, start]);
  });
});
