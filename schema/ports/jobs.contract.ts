import { describe, expect, it } from 'vitest';
import { channelIdOf, deviceIdOf, userIdOf } from '../ids.ts';
import { type Job, type JobHandlers, type Jobs, maxTries } from './jobs.ts';

/** One store that several processes share, and time. */
export type JobsWorld = {
  /** One more process. It is closed with the world. */
  open(): Promise<Jobs>;
  /** Lets time pass until this holds. Rejects when it does not for long. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  now(): number;
  close(): Promise<void>;
};
type In = (test: (world: JobsWorld) => Promise<void>) => () => Promise<void>;

const channelId = channelIdOf(7n);
const deviceId = deviceIdOf(8n);
const userId = userIdOf(9n);
export const wake = (key: string, delayMs?: number): Job => ({
  name: 'wakeChannel',
  payload: { channelId },
  key,
  ...(delayMs === undefined ? {} : { delayMs }),
});
export const sweep: Job = { name: 'sweep', payload: {}, key: 'all' };

const nothing = async () => undefined;
/** Handlers that do nothing, but for those that are given. */
export const handlers = (some: Partial<JobHandlers> = {}): JobHandlers => ({
  ...{ wakeChannel: nothing, sendPush: nothing, clearPush: nothing, sweep: nothing },
  ...some,
});

/** Something that ends when it is told to. */
export function createGate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
const isIdle = (jobs: Jobs) => async () => {
  const { waiting, running } = await jobs.counts();
  return waiting + running === 0;
};

/** What every store of jobs promises. */
export function jobsContract(name: string, openWorld: () => Promise<JobsWorld>): void {
  const inWorld: In = (test) => async () => {
    const world = await openWorld();
    try {
      await test(world);
    } finally {
      await world.close();
    }
  };
  describe(`jobs: ${name}`, () => {
    describe('adding', () => addingContract(inWorld));
    describe('doing', () => doingContract(inWorld));
    describe('rejecting', () => rejectingContract(inWorld));
    describe('repeating', () => repeatingContract(inWorld));
    describe('closing', () => closingContract(inWorld));
  });
}

function addingContract(inWorld: In): void {
  it(
    'gives each job to the handler of its name, with what it is told, in whatever process',
    inWorld(async ({ open, until }) => {
      const [adding, working] = [await open(), await open()];
      const told: unknown[] = [];
      const tell = (name: string) => async (payload: unknown) => void told.push([name, payload]);
      await working.work(
        {
          ...{ wakeChannel: tell('wakeChannel'), sendPush: tell('sendPush') },
          ...{ clearPush: tell('clearPush'), sweep: tell('sweep') },
        },
        { atOnce: 1 },
      );
      const jobs: Job[] = [
        wake('a'),
        { name: 'sendPush', payload: { deviceId, channelId }, key: 'a' },
        { name: 'clearPush', payload: { userId, channelId }, key: 'a' },
        sweep,
      ];
      await adding.add(jobs);
      await until(() => told.length === 4);
      expect(told.toSorted()).toEqual(jobs.map(({ name, payload }) => [name, payload]).toSorted());
      await until(isIdle(adding));
      await adding.add([]);
      expect(await adding.counts()).toEqual({ waiting: 0, running: 0 });
    }),
  );

  it(
    'lets one of a name and key wait, the first, whoever adds them and however many at once',
    inWorld(async ({ open, until }) => {
      const [one, two] = [await open(), await open()];
      await one.add([wake('a')]);
      await two.add([wake('a', 3_600_000), wake('b'), wake('b')]);
      await Promise.all(Array.from({ length: 20 }, (_, nth) => [one, two][nth % 2]?.add([wake('c')])));
      await one.add([{ name: 'sendPush', payload: { deviceId, channelId }, key: 'a' }]);
      expect(await two.counts()).toEqual({ waiting: 4, running: 0 });
      let done = 0;
      const wakeChannel = async () => {
        done += 1;
      };
      await two.work(handlers({ wakeChannel }), { atOnce: 5 });
      await until(isIdle(one));
      expect(done).toBe(3);
    }),
  );

  it(
    'does none before its time, and another one meanwhile',
    inWorld(async ({ open, until, now }) => {
      const jobs = await open();
      const begun = now();
      const doneAt: number[] = [];
      await jobs.work(handlers({ wakeChannel: async () => void doneAt.push(now() - begun) }), { atOnce: 1 });
      await jobs.add([wake('later', 700)]);
      expect(await jobs.counts()).toMatchObject({ waiting: 1 });
      await jobs.add([wake('now')]);
      await until(() => doneAt.length === 2);
      expect(doneAt[0]).toBeLessThan(700);
      expect(doneAt[1]).toBeGreaterThanOrEqual(690); // clocks of a store tick in whole milliseconds
    }),
  );
}

function doingContract(inWorld: In): void {
  it(
    'does one again, afterwards, that was added while it is being done: the last of them, after its delay',
    inWorld(async ({ open, until, now }) => {
      const [one, two, gate] = [await open(), await open(), createGate()];
      const begun: number[] = [];
      const wakeChannel = async () => {
        begun.push(now());
        if (begun.length === 1) await gate.opened;
      };
      for (const jobs of [one, two]) await jobs.work(handlers({ wakeChannel }), { atOnce: 5 });
      await one.add([wake('a')]);
      await until(() => begun.length === 1);
      await one.add([wake('a')]);
      await two.add([wake('a', 500)]);
      expect(await one.counts()).toEqual({ waiting: 0, running: 1 });
      const opened = now();
      gate.open();
      await until(() => begun.length === 2);
      expect(now() - opened).toBeGreaterThanOrEqual(490);
      await until(isIdle(two));
      expect(begun).toHaveLength(2);
    }),
  );

  it(
    'never swallows one: what was written before it was added, a handler that begins later has seen',
    inWorld(async ({ open, until }) => {
      const all = [await open(), await open()];
      const written = new Map<string, number>();
      const seen = new Map<string, number>();
      let isBusy = false;
      let overlaps = 0;
      const wakeChannel = async () => {
        if (isBusy) overlaps += 1;
        isBusy = true;
        for (const [writer, number] of written) seen.set(writer, number);
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        isBusy = false;
      };
      for (const jobs of all) await jobs.work(handlers({ wakeChannel }), { atOnce: 3 });
      // Each is written at another moment in the life of the one before it.
      for (let round = 1; round <= 40; round += 1) {
        const write = async (writer: string, turns: number) => {
          for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
          written.set(writer, round);
          await all[turns % 2]?.add(turns % 3 === 0 ? [wake('a'), wake('a')] : [wake('a')]);
        };
        await Promise.all([write('one', 0), write('two', round % 7), write('three', round)]);
        await until(() => [...written].every(([writer, number]) => seen.get(writer) === number));
      }
      expect(overlaps).toBe(0);
    }),
  );

  it(
    'does so many at once in a process and no more',
    inWorld(async ({ open, until }) => {
      const [jobs, gate] = [await open(), createGate()];
      let running = 0;
      const wakeChannel = async () => {
        running += 1;
        await gate.opened;
      };
      await jobs.add(Array.from({ length: 7 }, (_, nth) => wake(`key ${nth}`)));
      await jobs.work(handlers({ wakeChannel }), { atOnce: 3 });
      await until(() => running === 3);
      expect(await jobs.counts()).toEqual({ waiting: 4, running: 3 });
      gate.open();
      await until(isIdle(jobs));
      expect(running).toBe(7);
    }),
  );
}

function rejectingContract(inWorld: In): void {
  it(
    'tries one that rejects again, later each time, and gives it up in the end: then it may come again',
    inWorld(async ({ open, until, now }) => {
      const jobs = await open();
      const triedAt: number[] = [];
      const wakeChannel = async () => {
        triedAt.push(now());
        throw new Error('not today');
      };
      await jobs.work(handlers({ wakeChannel }), { atOnce: 1 });
      await jobs.add([wake('a')]);
      await until(async () => triedAt.length === maxTries - 1 && (await jobs.counts()).running === 0);
      // It waits to be tried again, or has just begun; there is one of them in either case.
      await jobs.add([wake('a')]);
      const { waiting, running } = await jobs.counts();
      expect(waiting + running).toBe(1);
      await until(isIdle(jobs));
      expect(triedAt.length % maxTries).toBe(0);
      const pauses = triedAt.slice(1, maxTries).map((at, nth) => at - (triedAt[nth] ?? 0));
      expect(pauses.at(-1)).toBeGreaterThan(2 * (pauses[0] ?? 0));
      const tried = triedAt.length;
      await jobs.add([wake('a')]);
      await until(() => triedAt.length > tried);
    }),
  );

  it(
    'goes on with others meanwhile, and with this one as soon as it does not reject any more',
    inWorld(async ({ open, until }) => {
      const jobs = await open();
      const done: string[] = [];
      let tries = 0;
      const wakeChannel = async () => {
        tries += 1;
        if (tries < 3) throw new Error('not yet');
        done.push('wakeChannel');
      };
      await jobs.work(handlers({ wakeChannel, sweep: async () => void done.push('sweep') }), { atOnce: 1 });
      await jobs.add([wake('a'), sweep]);
      await until(() => done.length === 2);
      expect(done).toEqual(['sweep', 'wakeChannel']);
      await until(isIdle(jobs));
      expect(tries).toBe(3);
    }),
  );
}

function repeatingContract(inWorld: In): void {
  const everyMs = 300;

  it(
    'does it now, and again so long after each end, once however many processes order it',
    inWorld(async ({ open, until, now }) => {
      const all = [await open(), await open(), await open()];
      const times: { begun: number; ended: number }[] = [];
      let isBusy = false;
      let overlaps = 0;
      const doSweep = async () => {
        if (isBusy) overlaps += 1;
        isBusy = true;
        const begun = now();
        await new Promise((resolve) => setImmediate(resolve));
        isBusy = false;
        times.push({ begun, ended: now() });
      };
      for (const jobs of all) await jobs.work(handlers({ sweep: doSweep }), { atOnce: 2 });
      for (const jobs of all) await jobs.repeat(sweep, everyMs);
      await until(() => times.length === 5);
      const pauses = times.slice(1).map(({ begun }, nth) => begun - (times[nth]?.ended ?? 0));
      for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(everyMs - 10);
      expect(overlaps).toBe(0);
    }),
  );

  it(
    'goes on in the process that is left, and does not pile up while nobody works',
    inWorld(async ({ open, until, pass }) => {
      const [one, two] = [await open(), await open()];
      let done = 0;
      const doSweep = async () => {
        done += 1;
      };
      await one.work(handlers({ sweep: doSweep }), { atOnce: 1 });
      await one.repeat(sweep, everyMs);
      await two.repeat(sweep, everyMs);
      await until(() => done === 2);
      await one.close();
      const before = done;
      await pass(4 * everyMs);
      expect(await two.counts()).toEqual({ waiting: 1, running: 0 });
      await two.work(handlers({ sweep: doSweep }), { atOnce: 5 });
      await until(() => done > before);
      await pass(everyMs / 2);
      expect(done).toBe(before + 1);
      await until(() => done > before + 2);
    }),
  );

  it(
    'goes on after one that rejects until it is given up',
    inWorld(async ({ open, until }) => {
      const jobs = await open();
      let tries = 0;
      const doSweep = async () => {
        tries += 1;
        throw new Error('not today');
      };
      await jobs.work(handlers({ sweep: doSweep }), { atOnce: 1 });
      await jobs.repeat(sweep, everyMs);
      await until(() => tries > maxTries);
    }),
  );
}

function closingContract(inWorld: In): void {
  it(
    'takes no more, waits for what runs, and leaves what waits to another worker',
    inWorld(async ({ open, until }) => {
      const [one, two, gate] = [await open(), await open(), createGate()];
      let ended = 0;
      const slow = async () => {
        await gate.opened;
        ended += 1;
      };
      const working = await one.work(handlers({ wakeChannel: slow }), { atOnce: 1 });
      await one.add([wake('a'), wake('b')]);
      await until(async () => (await two.counts()).running === 1);
      let isClosed = false;
      const closing = working.close().then(() => {
        isClosed = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect([isClosed, ended]).toEqual([false, 0]);
      gate.open();
      await until(() => isClosed);
      await Promise.all([closing, working.close()]);
      expect(ended).toBe(1);
      expect(await two.counts()).toEqual({ waiting: 1, running: 0 });
      await one.add([wake('c')]);
      await two.work(handlers({ wakeChannel: slow }), { atOnce: 1 });
      await until(isIdle(two));
      expect(ended).toBe(3);
    }),
  );
}
