import { describe, expect, it } from 'vitest';
import type { Bus, BusPayload } from './bus.ts';

export type BusWorld = {
  /** Opens the bus as one more process would: what one publishes, all hear. */
  openBus(): Promise<Bus>;
  close(): Promise<void>;
};
type In = <T>(test: (world: BusWorld) => Promise<T>) => () => Promise<T>;

/** What every bus promises. It may lose hints when something breaks; here nothing breaks, so each one arrives. */
export function busContract(name: string, openWorld: () => Promise<BusWorld>): void {
  const inWorld: In = (test) => async () => {
    const world = await openWorld();
    try {
      return await test(world);
    } finally {
      await world.close();
    }
  };
  describe(`bus: ${name}`, () => {
    delivering(inWorld);
    ending(inWorld);
    failing(inWorld);
  });
}

/** Listens to a topic and waits for what is heard there. */
async function listen(bus: Bus, topic: string) {
  const heard: BusPayload[] = [];
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  const end = await bus.subscribe(topic, (payload) => {
    heard.push(payload);
    for (const { count, done } of waiting) if (heard.length >= count) done();
  });
  const untilHeard = (count: number) =>
    new Promise<BusPayload[]>((resolve) => {
      const done = () => resolve(heard);
      if (heard.length >= count) done();
      else waiting.push({ count, done });
    });
  return { heard, end, untilHeard };
}

/** Resolves when what was published on this bus before has arrived wherever it will. */
async function settled(publisher: Bus, listener: Bus): Promise<void> {
  const { untilHeard, end } = await listen(listener, 'settled');
  publisher.publish('settled', true);
  await untilHeard(1);
  end();
}

function delivering(inWorld: In): void {
  it(
    'tells everybody who listens to a topic, wherever they are, in order',
    inWorld(async ({ openBus }) => {
      const [here, there] = [await openBus(), await openBus()];
      const listeners = [await listen(here, 'a'), await listen(there, 'a'), await listen(there, 'a')];
      for (const n of [1, 2, 3]) here.publish('a', n);
      for (const { untilHeard } of listeners) expect(await untilHeard(3)).toEqual([1, 2, 3]);
    }),
  );

  it(
    'tells nobody who listens to another topic, however similar',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const others = [await listen(bus, 'channel:1'), await listen(bus, 'channel:*'), await listen(bus, '')];
      bus.publish('channel:10', 'hint');
      bus.publish('Channel:1', 'hint');
      await settled(bus, bus);
      for (const { heard } of others) expect(heard).toEqual([]);
    }),
  );

  it(
    'carries plain data as it is',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const { untilHeard } = await listen(bus, 'a');
      const payloads: BusPayload[] = [
        'ünï 😀 "\\ \n',
        '',
        0,
        -1.5,
        2 ** 53 - 1,
        false,
        null,
        [],
        {},
        { epoch: 1, events: [{ seq: 4, message: { text: null } }, ['x']] },
      ];
      for (const payload of payloads) bus.publish('a', payload);
      expect(await untilHeard(payloads.length)).toEqual(payloads);
    }),
  );

  it(
    'never delivers inside publish, so a publisher is done before anybody reacts',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const { heard, untilHeard } = await listen(bus, 'a');
      bus.publish('a', 1);
      expect(heard).toEqual([]);
      expect(await untilHeard(1)).toEqual([1]);
    }),
  );

  it(
    'lets a listener publish and subscribe',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const { untilHeard } = await listen(bus, 'b');
      await bus.subscribe('a', async (payload) => {
        await bus.subscribe('a', () => undefined);
        bus.publish('b', payload);
      });
      bus.publish('a', 'on');
      expect(await untilHeard(1)).toEqual(['on']);
    }),
  );
}

function ending(inWorld: In): void {
  it(
    'tells nothing more to whose subscription was ended, twice or not, and goes on for others',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const [ended, goingOn] = [await listen(bus, 'a'), await listen(bus, 'a')];
      bus.publish('a', 1);
      await Promise.all([ended.untilHeard(1), goingOn.untilHeard(1)]);
      ended.end();
      ended.end();
      bus.publish('a', 2);
      expect(await goingOn.untilHeard(2)).toEqual([1, 2]);
      await settled(bus, bus);
      expect(ended.heard).toEqual([1]);
    }),
  );

  it(
    'keeps one function subscribed twice apart',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const heard: BusPayload[] = [];
      const listener = (payload: BusPayload) => {
        heard.push(payload);
      };
      const endFirst = await bus.subscribe('a', listener);
      await bus.subscribe('a', listener);
      endFirst();
      endFirst();
      bus.publish('a', 1);
      await settled(bus, bus);
      expect(heard).toEqual([1]);
    }),
  );

  it(
    'can be subscribed again after the last one left',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      (await listen(bus, 'a')).end();
      const again = await listen(bus, 'a');
      bus.publish('a', 1);
      expect(await again.untilHeard(1)).toEqual([1]);
    }),
  );

  it(
    'is quiet after it was closed, and takes no subscriptions',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      const { heard, end } = await listen(bus, 'a');
      bus.onInterrupted(() => undefined)();
      await bus.close();
      await bus.close();
      bus.publish('a', 1);
      end();
      await expect(bus.subscribe('a', () => undefined)).rejects.toThrow('closed');
      expect(heard).toEqual([]);
    }),
  );
}

function failing(inWorld: In): void {
  it(
    'goes on when a listener throws or rejects',
    inWorld(async ({ openBus }) => {
      const bus = await openBus();
      await bus.subscribe('a', () => {
        throw new Error('A listener throws.');
      });
      await bus.subscribe('a', async () => {
        throw new Error('A listener rejects.');
      });
      const { untilHeard } = await listen(bus, 'a');
      bus.publish('a', 1);
      bus.publish('a', 2);
      expect(await untilHeard(2)).toEqual([1, 2]);
      await settled(bus, bus);
    }),
  );
}
