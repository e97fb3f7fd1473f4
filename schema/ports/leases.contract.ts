import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { graceMs, type Leases, leaseMs, type Orphan, reapMs, renewMs } from './leases.ts';
import { upTo } from './random.contract.ts';

/** One store that several processes share, and time. */
export type LeasesWorld = {
  /** One more process. It is closed, or dies, with the world. */
  open(): Promise<Leases>;
  /** Ends a process as SIGKILL does. */
  kill(leases: Leases): Promise<void>;
  /** A process stands still for so long, while time goes on for all others, and then goes on as if nothing had been. */
  stall(leases: Leases, ms: number): Promise<void>;
  now(): number;
  /** Lets so much time pass. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
};

/** A clock of one process, which can stand still: who sleeps by it wakes only when it goes on. */
export function createStallingClock(clock: Clock) {
  let goesOn = Promise.resolve();
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await clock.sleep(ms, signal);
    await goesOn;
  };
  return {
    clock: { now: clock.now, sleep },
    async stall(during: () => Promise<void>) {
      goesOn = during();
      await goesOn;
    },
  };
}

/** A test in a world of its own, so that several may run at once where time passes by itself. */
type In = (test: (world: LeasesWorld) => Promise<void>) => () => Promise<void>;
let count = 0;
const freshKey = () => {
  count += 1;
  return `key:${count}`;
};

/** What every store of leases promises. */
export function leasesContract(name: string, openWorld: () => Promise<LeasesWorld>): void {
  const inWorld: In = (test) => async () => {
    const world = await openWorld();
    try {
      await test(world);
    } finally {
      await world.close();
    }
  };
  describe(`leases: ${name}`, () => {
    describe('claiming', () => claimingContract(inWorld));
    describe('time', () => timeContract(inWorld));
    describe('dying', () => dyingContract(inWorld));
    describe('many at once', () => manyContract(inWorld));
  });
}

async function claimsOf(leases: Leases, key: string) {
  const claimed = (await leases.of([key])).get(key);
  return (claimed?.claims ?? [])
    .map(({ entry, value }) => ({ entry, value }))
    .toSorted((a, b) => (a.entry < b.entry ? -1 : 1));
}
const changedAt = async (leases: Leases, key: string) => (await leases.of([key])).get(key)?.changedAt ?? 0;

function claimingContract(inWorld: In): void {
  it(
    'shows what any process claims to all of them, and what replaced it',
    inWorld(async (world) => {
      const [one, two, key] = [await world.open(), await world.open(), freshKey()];
      await one.claim(key, { entry: 'phone', value: { isIdle: false } });
      await two.claim(key, { entry: 'laptop', value: [1, null, 'x'] });
      await one.claim(key, { entry: 'phone', value: { isIdle: true } });
      for (const leases of [one, two])
        expect(await claimsOf(leases, key)).toEqual([
          { entry: 'laptop', value: [1, null, 'x'] },
          { entry: 'phone', value: { isIdle: true } },
        ]);
      expect(new Set([one.holder, two.holder]).size).toBe(2);
    }),
  );

  it(
    'answers what stood under the key until it was claimed: of several who claim, each sees what those before it made',
    inWorld(async (world) => {
      const [processes, key] = [await Promise.all(upTo(4).map(() => world.open())), freshKey()];
      const [one] = processes;
      if (!one) throw new Error('Nobody was opened.');
      const counts = await Promise.all(
        processes.map(async (leases) => (await leases.claim(key, { entry: 'phone', value: 1 })).length),
      );
      expect(counts.toSorted()).toEqual([0, 1, 2, 3]);
      const until = world.now() + 1_000;
      const before = await one.claim(key, { entry: 'phone', value: 2, until });
      expect(before).toContainEqual({ entry: 'phone', holder: one.holder, value: 1, until: undefined });
      await world.advance(1_500);
      expect(await one.claim(key, { entry: 'laptop', value: 3 })).toHaveLength(3);
    }),
  );

  it(
    'keeps the claims of two processes on one entry apart',
    inWorld(async (world) => {
      const [one, two, key] = [await world.open(), await world.open(), freshKey()];
      await one.claim(key, { entry: 'phone', value: 1 });
      await two.claim(key, { entry: 'phone', value: 2 });
      expect((await claimsOf(one, key)).map(({ value }) => value).toSorted()).toEqual([1, 2]);
      await one.drop(key, 'phone');
      expect(await claimsOf(one, key)).toEqual([{ entry: 'phone', value: 2 }]);
      await one.drop(key, 'phone');
      await two.drop(key, 'never claimed');
      expect(await claimsOf(two, key)).toEqual([{ entry: 'phone', value: 2 }]);
    }),
  );

  it(
    'reads several keys at once, and knows nothing of what was never claimed',
    inWorld(async (world) => {
      const [leases, key, other] = [await world.open(), freshKey(), freshKey()];
      await leases.claim(key, { entry: 'a', value: true });
      const found = await leases.of([key, other, key]);
      expect(found.size).toBe(2);
      expect(found.get(key)?.claims).toEqual([
        { entry: 'a', holder: leases.holder, value: true, until: undefined },
      ]);
      expect(found.get(other)).toEqual({ claims: [], changedAt: undefined });
      expect((await leases.of([])).size).toBe(0);
    }),
  );

  it(
    'hands to others at once what a process claims that closes',
    inWorld(async (world) => {
      const [one, two, key] = [await world.open(), await world.open(), freshKey()];
      const orphaned: Orphan[] = [];
      two.onOrphaned((orphans) => orphaned.push(...orphans));
      await one.claim(key, { entry: 'a', value: 1 });
      await two.claim(key, { entry: 'c', value: 1 });
      await one.close();
      await world.advance(reapMs + 100);
      expect(orphaned).toMatchObject([{ key, entry: 'a' }]);
      expect(await claimsOf(two, key)).toHaveLength(2);
      await world.advance(graceMs);
      expect(await claimsOf(two, key)).toEqual([{ entry: 'c', value: 1 }]);
      await expect(one.claim(key, { entry: 'a', value: 1 })).rejects.toThrow('closed');
    }),
  );
}

function timeContract(inWorld: In): void {
  it(
    'says when something changed last, later each time',
    inWorld(async (world) => {
      const [one, two, key] = [await world.open(), await world.open(), freshKey()];
      let last = 0;
      const acts = [
        () => one.claim(key, { entry: 'a', value: 1 }),
        () => two.claim(key, { entry: 'a', value: 1 }),
        () => one.claim(key, { entry: 'a', value: 1 }),
        () => one.drop(key, 'a'),
        () => two.claim(key, { entry: 'b', value: 1, until: world.now() + 50 }),
      ];
      for (const act of acts) {
        await act();
        const at = await changedAt(two, key);
        expect(at).toBeGreaterThan(last);
        last = at;
      }
      await world.advance(100);
      expect(await changedAt(one, key)).toBeGreaterThan(last);
      expect(await claimsOf(one, key)).toEqual([{ entry: 'a', value: 1 }]);
    }),
  );

  it(
    'lets a claim run out at its time, not before',
    inWorld(async (world) => {
      const [leases, key] = [await world.open(), freshKey()];
      const until = world.now() + 1_000;
      await leases.claim(key, { entry: 'a', value: 1, until });
      await world.advance(500);
      expect((await leases.of([key])).get(key)?.claims).toMatchObject([{ until }]);
      await leases.claim(key, { entry: 'a', value: 1, until: until + 1_000 });
      await world.advance(1_000);
      expect(await claimsOf(leases, key)).toHaveLength(1);
      await world.advance(600);
      expect(await claimsOf(leases, key)).toEqual([]);
    }),
  );

  it(
    'keeps what a living process claims for as long as it lives',
    inWorld(async (world) => {
      const [one, two, key] = [await world.open(), await world.open(), freshKey()];
      await one.claim(key, { entry: 'a', value: 1 });
      await world.advance(3 * leaseMs);
      expect(await claimsOf(two, key)).toEqual([{ entry: 'a', value: 1 }]);
    }),
  );
}

/** From the last sign of life until somebody has found out. */
const foundMs = leaseMs + reapMs;

function dyingContract(inWorld: In): void {
  it(
    'hands what the dead had claimed to one survivor, and lets it stand for a while',
    inWorld(async (world) => {
      const [dead, ...living] = [await world.open(), await world.open(), await world.open()];
      const key = freshKey();
      const orphaned: Orphan[] = [];
      for (const leases of living)
        leases.onOrphaned((orphans) => orphaned.push(...orphans.filter((one) => one.key === key)));
      await dead.claim(key, { entry: 'phone', value: { isIdle: true } });
      await dead.claim(key, { entry: 'soon', value: 1, until: world.now() + foundMs + 1_000 });
      await world.kill(dead);
      const diedAt = world.now();
      await world.advance(leaseMs - renewMs - 100);
      expect(orphaned).toEqual([]);
      await world.advance(renewMs + reapMs + 100);
      expect(orphaned.map(({ entry }) => entry).toSorted()).toEqual(['phone', 'soon']);
      const phone = orphaned.find(({ entry }) => entry === 'phone');
      expect(phone?.until).toBeLessThanOrEqual(diedAt + foundMs + graceMs + 100);
      expect(await claimsOf(living[0] ?? dead, key)).toContainEqual({
        entry: 'phone',
        value: { isIdle: true },
      });
      await world.advance(1_500);
      expect(await claimsOf(living[0] ?? dead, key)).toEqual([{ entry: 'phone', value: { isIdle: true } }]);
      await Promise.all(living.map((leases) => leases.drop(key, 'soon', dead.holder)));
      await world.advance(graceMs);
      expect(await claimsOf(living[0] ?? dead, key)).toEqual([]);
    }),
  );

  it(
    'hands over also what ran out before anybody found out, so that somebody notices',
    inWorld(async (world) => {
      const [dead, living, key] = [await world.open(), await world.open(), freshKey()];
      const orphaned: Orphan[] = [];
      living.onOrphaned((orphans) => orphaned.push(...orphans));
      await dead.claim(key, { entry: 'dropped', value: 1, until: world.now() + 1_000 });
      await dead.drop(key, 'dropped');
      const until = world.now() + 1_000;
      await dead.claim(key, { entry: 'phone', value: 1, until });
      await world.kill(dead);
      await world.advance(2_000);
      expect(await claimsOf(living, key)).toEqual([]);
      const at = await changedAt(living, key);
      await world.advance(foundMs);
      expect(orphaned).toEqual([{ key, entry: 'phone', value: 1, from: dead.holder, until }]);
      await living.drop(key, 'phone', dead.holder);
      expect(await changedAt(living, key)).toBe(at);
    }),
  );

  it(
    'hands it on when the survivor dies, too',
    inWorld(async (world) => {
      const [first, second, key] = [await world.open(), await world.open(), freshKey()];
      await first.claim(key, { entry: 'phone', value: 1 });
      await world.kill(first);
      await world.advance(foundMs);
      await world.kill(second);
      const last = await world.open();
      await world.advance(foundMs + graceMs + 100);
      expect(await claimsOf(last, key)).toEqual([]);
    }),
  );

  it(
    'tells one that was taken for dead and is not, whose claims then are its own again',
    inWorld(async (world) => {
      const [slow, living, key] = [await world.open(), await world.open(), freshKey()];
      const [orphaned, lost]: [Orphan[], string[]] = [[], []];
      living.onOrphaned((orphans) => orphaned.push(...orphans));
      living.onLost(() => lost.push('living'));
      slow.onLost(() => lost.push('slow'));
      await slow.claim(key, { entry: 'phone', value: 'old' });
      await world.stall(slow, leaseMs - renewMs);
      expect(lost).toEqual([]);
      await world.stall(slow, foundMs + 100);
      expect(orphaned).toMatchObject([{ key, entry: 'phone', value: 'old', from: slow.holder }]);
      await world.advance(renewMs);
      expect(lost).toEqual(['slow']);
      await slow.claim(key, { entry: 'phone', value: 'new' });
      await living.drop(key, 'phone', slow.holder);
      await world.advance(graceMs + leaseMs);
      expect(await claimsOf(living, key)).toEqual([{ entry: 'phone', value: 'new' }]);
      expect([lost, orphaned.length]).toEqual([['slow'], 1]);
    }),
  );

  it(
    'lets live again whoever claims something, though others held it for dead',
    inWorld(async (world) => {
      const [slow, living, key] = [await world.open(), await world.open(), freshKey()];
      await slow.claim(key, { entry: 'phone', value: 'old' });
      await world.stall(slow, foundMs + 100);
      await slow.claim(key, { entry: 'phone', value: 'new' });
      // Before it has renewed its lease by itself: nobody takes it over once more.
      await world.stall(slow, reapMs + 100);
      await living.drop(key, 'phone', slow.holder);
      expect(await claimsOf(living, key)).toEqual([{ entry: 'phone', value: 'new' }]);
    }),
  );

  it(
    'leaves alone what a client claims elsewhere meanwhile',
    inWorld(async (world) => {
      const [dead, alive, key] = [await world.open(), await world.open(), freshKey()];
      await dead.claim(key, { entry: 'phone', value: 'old' });
      await alive.claim(key, { entry: 'phone', value: 'new' });
      await world.kill(dead);
      await world.advance(foundMs + graceMs + 100);
      expect(await claimsOf(alive, key)).toEqual([{ entry: 'phone', value: 'new' }]);
    }),
  );
}

function manyContract(inWorld: In): void {
  it(
    'loses none of many claims and drops at once',
    inWorld(async (world) => {
      const [processes, key] = [await Promise.all(upTo(4).map(() => world.open())), freshKey()];
      await Promise.all(
        processes.flatMap((leases, index) =>
          upTo(25).map(async (n) => {
            await leases.claim(key, { entry: `${index}.${n}`, value: n });
            if (n % 2) await leases.drop(key, `${index}.${n}`);
          }),
        ),
      );
      const [one] = processes;
      if (!one) throw new Error('Nobody was opened.');
      const found = await claimsOf(one, key);
      expect(found.map(({ entry }) => entry).toSorted()).toEqual(
        processes
          .flatMap((_, index) =>
            upTo(25)
              .filter((n) => n % 2 === 0)
              .map((n) => `${index}.${n}`),
          )
          .toSorted(),
      );
    }),
  );
}
