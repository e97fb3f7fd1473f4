import { expect, it } from 'vitest';
import { type ChannelId, channelIdOf } from '../ids.ts';
import { openMemoryBus } from '../ports/bus.memory.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { openMemoryEventLog } from '../ports/event-log.memory.ts';
import { openMemoryMemberships } from '../ports/memberships.memory.ts';
import { upTo } from '../ports/random.contract.ts';
import { createCursorCodec } from './cursor.ts';
import { channelTopic } from './hint.ts';
import { createHubs } from './hubs.ts';
import { lingerMs } from './lingering.ts';
import { allRules } from './rules.ts';
import { channelId, draft, settled, start } from './test/stream-world.ts';

function world() {
  const clock = createManualClock(start);
  const log = openMemoryEventLog();
  const bus = openMemoryBus();
  const state = { epoch: 1, listening: 0, heads: 0, broken: new Set<ChannelId>(), areHeadsDown: false };
  const gate = { open: async () => undefined as unknown };
  const hubs = createHubs({
    log: {
      async heads(channelIds) {
        state.heads += 1;
        if (state.areHeadsDown) throw new Error('down');
        const found = await log.heads(channelIds);
        await gate.open();
        return { ...found, epoch: state.epoch };
      },
      async read(id, ...args) {
        if (state.broken.has(id)) throw new Error('unreadable');
        return log.read(id, ...args);
      },
    },
    positions: openMemoryMemberships().positions,
    bus: {
      ...bus,
      async subscribe(...args) {
        const stop = await bus.subscribe(...args);
        state.listening += 1;
        return () => {
          state.listening -= 1;
          stop();
        };
      },
    },
    clock,
    codec: createCursorCodec('test'),
    rules: allRules,
  });
  const commit = async (body: string, id = channelId, epoch = 1) => {
    const appended = await log.append(id, [draft(body)], start);
    return () => bus.publish(channelTopic(id), { epoch, events: appended.map(({ event }) => event) });
  };
  return { clock, hubs, state, gate, commit };
}

it('opens one hub for all readers of a channel', async () => {
  const { hubs, state } = world();
  const attached = await Promise.all(upTo(10).map(() => hubs.attach(channelId)));
  expect(new Set(attached.map(({ hub }) => hub)).size).toBe(1);
  expect(state.listening).toBe(1);
});

it('reads the heads of a thousand channels with ten reads', async () => {
  const { hubs, state } = world();
  await Promise.all(upTo(1_000).map((n) => hubs.attach(channelIdOf(BigInt(n)))));
  expect([state.heads, hubs.size]).toEqual([10, 1_000]);
});

it('hears of what is committed while it reads the head', async () => {
  const { hubs, gate, commit } = world();
  gate.open = async () => {
    const [announce, announceNext] = [await commit('one'), await commit('two')];
    announceNext();
    announce();
    await settled();
  };
  const { hub } = await hubs.attach(channelId);
  await settled();
  expect(hub.pos).toBe(2);
});

it('keeps a hub for 30 s after its last reader, and lets go of it then', async () => {
  const { hubs, state, clock } = world();
  const { hub, release } = await hubs.attach(channelId);
  await clock.advance(60_000);
  await hubs.check();
  expect(hubs.size).toBe(1);
  release();
  release();
  await clock.advance(lingerMs);
  await hubs.check();
  expect((await hubs.attach(channelId)).hub).toBe(hub);
  await clock.advance(lingerMs + 1);
  await hubs.check();
  expect([hubs.size, state.listening]).toEqual([1, 1]);
});

it('lets go of idle hubs and of their subscriptions', async () => {
  const { hubs, state, clock } = world();
  const { release } = await hubs.attach(channelId);
  release();
  await clock.advance(lingerMs + 1);
  await hubs.check();
  expect([hubs.size, state.listening]).toEqual([0, 0]);
});

it('does not listen on when the head could not be read, and tries anew for the next reader', async () => {
  const { hubs, state } = world();
  state.areHeadsDown = true;
  await expect(hubs.attach(channelId)).rejects.toThrow('down');
  expect([hubs.size, state.listening]).toEqual([0, 0]);
  state.areHeadsDown = false;
  expect((await hubs.attach(channelId)).hub.pos).toBe(0);
});

it('finds what no hint told, also when another channel cannot be read', async () => {
  const { hubs, state, commit } = world();
  const broken = channelIdOf(1n);
  const [{ hub: late }, { hub }] = [await hubs.attach(broken), await hubs.attach(channelId)];
  for (const id of [broken, channelId]) await commit('unheard', id);
  state.broken.add(broken);
  await expect(hubs.check()).rejects.toThrow('unreadable');
  expect([late.pos, hub.pos]).toEqual([0, 1]);
});

it('does not take a head for a loss that is older than what it heard', async () => {
  const { hubs, gate, commit } = world();
  const { hub } = await hubs.attach(channelId);
  gate.open = async () => {
    (await commit('one'))();
    await settled();
  };
  await hubs.check();
  await hubs.refresh(hub);
  expect([hub.isGone, hub.pos]).toEqual([false, 2]);
});

it('throws away all hubs of an older epoch as soon as anybody has seen a newer one', async () => {
  const { hubs, state } = world();
  const { hub } = await hubs.attach(channelId);
  state.epoch = 2;
  hubs.sawEpoch(2);
  expect(hub.isGone).toBe(true);
  const { hub: fresh } = await hubs.attach(channelId);
  expect([fresh.epoch, fresh.isGone, state.listening]).toEqual([2, false, 1]);
});
