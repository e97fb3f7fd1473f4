import { describe, expect, it } from 'vitest';
import type { Limiter, RateRule } from './limiter.ts';

export type LimiterWorld = {
  /** Opens the limiter as one more process would: what one takes, all count. */
  openLimiter(): Promise<Limiter>;
  now(): number;
  /** Lets this much time pass, for the limiter. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
};
type In = <T>(test: (world: LimiterWorld) => Promise<T>) => () => Promise<T>;

const rule: RateRule = { name: 'three-a-minute', most: 3, windowMs: 60_000 };
const other: RateRule = { name: 'one-a-minute', most: 1, windowMs: 60_000 };
/** How far the clock of a store may be from that of who asks. */
const slackMs = 1_000;

const takeAll = async (limiter: Limiter, count: number) => {
  const granted: boolean[] = [];
  for (let nth = 0; nth < count; nth += 1) granted.push((await limiter.take(rule, 'ada')).isGranted);
  return granted;
};

/** What every limiter promises. */
export function limiterContract(name: string, openWorld: () => Promise<LimiterWorld>): void {
  const inWorld: In = (test) => async () => {
    const world = await openWorld();
    try {
      return await test(world);
    } finally {
      await world.close();
    }
  };
  describe(`limiter: ${name}`, () => {
    taking(inWorld);
    givingBack(inWorld);
  });
}

function taking(inWorld: In): void {
  it(
    'grants what the rule allows, then nothing until the window ends',
    inWorld(async ({ openLimiter, now, pass }) => {
      const limiter = await openLimiter();
      const begun = now();
      expect(await takeAll(limiter, 5)).toEqual([true, true, true, false, false]);
      await pass(30_000);
      const { isGranted, freshAt } = await limiter.take(rule, 'ada');
      expect(isGranted).toBe(false);
      expect(Math.abs(freshAt - (begun + rule.windowMs))).toBeLessThan(slackMs);
      await pass(30_000 + slackMs);
      expect(await takeAll(limiter, 4)).toEqual([true, true, true, false]);
    }),
  );

  it(
    'grants several at once or none of them, and says what is left',
    inWorld(async ({ openLimiter }) => {
      const limiter = await openLimiter();
      expect(await limiter.take(rule, 'bob', 2)).toMatchObject({ isGranted: true, left: 1 });
      expect(await limiter.take(rule, 'bob', 2)).toMatchObject({ isGranted: false, left: 1 });
      expect(await limiter.take(rule, 'bob')).toMatchObject({ isGranted: true, left: 0 });
      expect(await limiter.take(rule, 'bob', 0)).toMatchObject({ isGranted: true, left: 0 });
      expect(await limiter.take(rule, 'eve', 4)).toMatchObject({ isGranted: false, left: 3 });
    }),
  );

  it(
    'does not prolong a window by refusing in it',
    inWorld(async ({ openLimiter, pass }) => {
      const limiter = await openLimiter();
      await takeAll(limiter, 3);
      for (let quarter = 0; quarter < 4; quarter += 1) {
        expect(await takeAll(limiter, 10)).not.toContain(true);
        await pass(rule.windowMs / 4);
      }
      await pass(slackMs);
      expect(await takeAll(limiter, 1)).toEqual([true]);
    }),
  );

  it(
    'grants no more to those who ask at the same moment, wherever they are',
    inWorld(async ({ openLimiter }) => {
      const limiters = [await openLimiter(), await openLimiter()];
      const asked = Array.from({ length: 40 }, (_, nth) => limiters[nth % 2]?.take(rule, 'ada'));
      const granted = (await Promise.all(asked)).filter((taken) => taken?.isGranted);
      expect(granted).toHaveLength(3);
    }),
  );

  it(
    'keeps keys and rules apart, whatever is in a key',
    inWorld(async ({ openLimiter }) => {
      const limiter = await openLimiter();
      await takeAll(limiter, 3);
      const keys = [
        'Ada',
        'ada ',
        '',
        ':',
        'ada:',
        '*',
        '{ada}',
        'a\r\nDEL x',
        '💥',
        '\u0000',
        'x'.repeat(10_000),
      ];
      for (const key of keys) expect(await limiter.take(rule, key), key).toMatchObject({ isGranted: true });
      expect(await limiter.take(other, 'ada')).toMatchObject({ isGranted: true });
      expect(await limiter.take(other, 'ada')).toMatchObject({ isGranted: false });
      expect(await limiter.countOf(rule, 'ada')).toBe(3);
      expect(await limiter.countOf(rule, 'bob')).toBe(0);
    }),
  );
}

function givingBack(inWorld: In): void {
  it(
    'grants again what was given back, never more than the rule allows',
    inWorld(async ({ openLimiter }) => {
      const limiter = await openLimiter();
      await takeAll(limiter, 3);
      await limiter.giveBack(rule, 'ada');
      expect(await limiter.countOf(rule, 'ada')).toBe(2);
      expect(await takeAll(limiter, 2)).toEqual([true, false]);
      await limiter.giveBack(rule, 'ada', 2);
      expect(await limiter.countOf(rule, 'ada')).toBe(1);
      for (let nth = 0; nth < 5; nth += 1) await limiter.giveBack(rule, 'ada', 2);
      await limiter.giveBack(rule, 'nobody', 2);
      expect(await limiter.countOf(rule, 'nobody')).toBe(0);
      expect(await takeAll(limiter, 4)).toEqual([true, true, true, false]);
    }),
  );

  it(
    'gives back nothing of a window that is over',
    inWorld(async ({ openLimiter, pass }) => {
      const limiter = await openLimiter();
      await takeAll(limiter, 1);
      await pass(rule.windowMs + slackMs);
      await limiter.giveBack(rule, 'ada');
      expect(await limiter.countOf(rule, 'ada')).toBe(0);
      expect(await takeAll(limiter, 4)).toEqual([true, true, true, false]);
    }),
  );

  it(
    'begins anew when it is reset, for that key and that rule only',
    inWorld(async ({ openLimiter }) => {
      const limiter = await openLimiter();
      await takeAll(limiter, 3);
      await limiter.take(rule, 'bob');
      await limiter.take(other, 'ada');
      await limiter.reset(rule, 'ada');
      await limiter.reset(rule, 'nobody');
      expect(await takeAll(limiter, 4)).toEqual([true, true, true, false]);
      expect(await limiter.countOf(rule, 'bob')).toBe(1);
      expect(await limiter.countOf(other, 'ada')).toBe(1);
    }),
  );
}
