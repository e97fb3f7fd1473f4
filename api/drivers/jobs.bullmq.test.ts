import { describe, expect, it } from 'vitest';
import { createGate, handlers, sweep, wake } from '../../schema/ports/jobs.contract.ts';
import type { Jobs } from '../../schema/ports/jobs.ts';
import { missingRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { type BullWorld, openPostgresJobs, openRedisJobs } from './test/bull-jobs.ts';

// What becomes of jobs when a worker dies or their store is away, whatever that is.

/** It is waited for in real time, by all tests at once. */
const slowly = { timeout: 120_000, concurrent: true };
/** What jobs take over from a killed worker within, and what a busy computer adds to it. */
const takeOverMs = { most: 16_000, slack: 15_000 };

const isIdle = (jobs: Jobs) => async () => {
  const { waiting, running } = await jobs.counts();
  return waiting + running === 0;
};

const isFulfilled = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  );

type In = (test: (world: BullWorld) => Promise<void>) => () => Promise<void>;

function faults(openWorld: () => Promise<BullWorld>): void {
  const inWorld: In = (test) => async () => {
    const world = await openWorld();
    try {
      await test(world);
    } finally {
      await world.close();
    }
  };
  describe('whose worker dies', () => dying(inWorld));
  describe('whose store is away', () => away(inWorld));
  describe('that are over', () => over(inWorld));
}

describe('jobs in PostgreSQL', slowly, () => faults(openPostgresJobs));
describe('jobs in Redis', slowly, () => {
  requires('redis', missingRedis);
  faults(openRedisJobs);
});

function dying(inWorld: In): void {
  it(
    'are done by another one within 16 seconds, and so is what was added meanwhile',
    inWorld(async ({ open, fork, until, pass }) => {
      const [jobs, dying] = [await open(), await fork()];
      await jobs.add([wake('a')]);
      await dying.begun();
      let done = 0;
      const wakeChannel = async () => {
        done += 1;
      };
      await jobs.work(handlers({ wakeChannel }), { atOnce: 1 });
      await pass(10_000); // longer than it may be silent
      expect(done).toBe(0);
      dying.kill();
      const killed = Date.now();
      await jobs.add([wake('a')]);
      await until(() => done > 0);
      expect(Date.now() - killed).toBeLessThan(takeOverMs.most + takeOverMs.slack);
      await until(isIdle(jobs));
      expect(done).toBe(2);
    }),
  );

  it(
    'are done again when it was closed before they were over',
    inWorld(async ({ open, until }) => {
      const [one, two, never] = [await open(), await open(), createGate()];
      let begun = 0;
      const stuck = async () => {
        begun += 1;
        await never.opened;
      };
      const working = await one.work(handlers({ wakeChannel: stuck }), { atOnce: 1 });
      await one.add([wake('a')]);
      await until(() => begun === 1);
      await working.close();
      let done = 0;
      await two.work(
        handlers({
          wakeChannel: async () => {
            done += 1;
          },
        }),
        { atOnce: 1 },
      );
      await until(() => done === 1);
      never.open(); // nobody hears of it any more
      await until(isIdle(two));
      expect(done).toBe(1);
    }),
  );
}

function away(inWorld: In): void {
  it(
    'cannot be added, and are done by those who work as soon as it is back; the log has a line for each',
    inWorld(async ({ open, cut, mend, until, lines }) => {
      const jobs = await open();
      const gate = createGate();
      const done: string[] = [];
      const wakeChannel = async () => {
        done.push('wakeChannel');
        if (done.length === 1) await gate.opened;
      };
      const working = handlers({ wakeChannel, sweep: async () => void done.push('sweep') });
      await jobs.work(working, { atOnce: 2 });
      await jobs.add([wake('a'), wake('later', 4_000)]);
      await until(() => done.length === 1);
      await cut();
      await expect(jobs.add([sweep])).rejects.toThrow();
      await expect(jobs.counts()).rejects.toThrow();
      await expect(jobs.repeat(sweep, 500)).rejects.toThrow();
      gate.open(); // it ends, and the store hears of it later
      await until(() => lines.length === 1);
      await mend();
      await until(() => done.filter((name) => name === 'wakeChannel').length >= 2);
      await until(() => done.filter((name) => name === 'sweep').length >= 2); // the order stood all the same
      await until(() => lines.length >= 2);
      expect(lines.slice(0, 2)).toMatchObject([
        { level: 'warn', msg: 'the store of jobs fails; it is tried again until it answers' },
        { level: 'info', msg: 'the store of jobs answers again' },
      ]);
    }),
  );

  it(
    'keep nobody from closing',
    inWorld(async ({ open, cut, mend, until }) => {
      const jobs = await open();
      let done = 0;
      const wakeChannel = async () => {
        done += 1;
      };
      await jobs.work(handlers({ wakeChannel }), { atOnce: 2 });
      await jobs.add([wake('a')]);
      await until(() => done === 1);
      await cut();
      await jobs.close();
      await mend();
    }),
  );

  it(
    'are not begun by one who opens just then',
    inWorld(async ({ open, cut, mend, until }) => {
      const jobs = await open();
      await cut();
      await expect(jobs.work(handlers(), { atOnce: 1 })).rejects.toThrow();
      await mend();
      await until(() => isFulfilled(jobs.add([wake('a')])));
    }),
  );
}

function over(inWorld: In): void {
  it(
    'leave nothing behind, done or given up, but a bounded number of lines about them',
    inWorld(async ({ open, until, standing }) => {
      const jobs = await open();
      const wakeChannel = () => Promise.reject(new Error('not today'));
      await jobs.work(handlers({ wakeChannel }), { atOnce: 10 });
      const addSome = async (count: number) => {
        for (let nth = 0; nth < count; nth += 10) {
          const keys = Array.from({ length: 10 }, (_, offset) => `key ${nth + offset}`);
          await jobs.add(keys.map((key) => ({ ...sweep, key })));
          await jobs.add([wake(`key ${nth}`)]);
        }
        await until(isIdle(jobs));
      };
      await addSome(100);
      const first = await standing();
      await addSome(300);
      const { event = 0, ...rest } = await standing();
      const { event: _, ...before } = first;
      expect(rest).toEqual(before);
      expect(rest.job ?? 0).toBe(0);
      expect(event).toBeLessThan(100 + 256 + 100);
    }),
  );
}
