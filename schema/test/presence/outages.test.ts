import { getEventListeners } from 'node:events';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceIdOf, type UserId, userIdOf } from '../../ids.ts';
import { openMemoryBus } from '../../ports/bus.memory.ts';
import type { Bus, Interruption } from '../../ports/bus.ts';
import { createManualClock } from '../../ports/clock.manual.ts';
import type { Clock } from '../../ports/clock.ts';
import { createLeaseSpace, openMemoryLeases } from '../../ports/leases.memory.ts';
import { graceMs, type Leases, leaseMs, renewMs } from '../../ports/leases.ts';
import { upTo } from '../../ports/random.contract.ts';
import { openPresence } from '../../presence/open-presence.ts';

// The leases are in a store of their own, which is gone now and then.

const [ada, bob] = [userIdOf(1n), userIdOf(2n)];
const deviceOf = (userId: UserId, number = 1) => ({ userId, deviceId: deviceIdOf(BigInt(number)) });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A process whose leases do not answer while `isGone`, and what is heard of people in another one, whose do. */
function openStage() {
  const [clock, space, bus] = [createManualClock(1_717_171_717_171), createLeaseSpace(), openMemoryBus()];
  const stage = { isGone: false, mostAtOnce: 0, mostOnOneSignal: 0 };
  let atOnce = 0;
  /** Sees how many wait for the end of one and the same thing. */
  const watchedClock: Clock = {
    now: clock.now,
    sleep(ms, signal) {
      const slept = clock.sleep(ms, signal);
      const waiting = signal === undefined ? 0 : getEventListeners(signal, 'abort').length;
      stage.mostOnOneSignal = Math.max(stage.mostOnOneSignal, waiting);
      return slept;
    },
  };
  async function answer<T>(ask: () => Promise<T>): Promise<T> {
    if (stage.isGone) throw new Error('The store is gone.');
    atOnce += 1;
    stage.mostAtOnce = Math.max(stage.mostAtOnce, atOnce);
    await clock.sleep(1);
    atOnce -= 1;
    return ask();
  }
  function open(through: (leases: Leases) => Leases) {
    const leases = openMemoryLeases({ clock, space });
    const rows = { profilesOf: async () => new Map(), saveSeen: async () => new Set<UserId>() };
    const parts = { clock: watchedClock, bus, rows, logger: pino({ enabled: false }) };
    const presence = openPresence({ ...parts, leases: through(leases) });
    closers.push(presence.close, leases.close);
    return presence;
  }
  const presence = open((leases) => ({
    ...leases,
    claim: (...given) => answer(() => leases.claim(...given)),
    drop: (...given) => answer(() => leases.drop(...given)),
    of: (...given) => answer(() => leases.of(...given)),
  }));
  const other = open((leases) => leases);
  const stateOf = async (userId: UserId) => (await other.statesOf([userId])).get(userId)?.state;
  /** Each time that there is something new to be seen of somebody. */
  async function hear(userId: UserId) {
    const heard: (string | undefined)[] = [];
    const stop = await other.listen(userId, ({ what }) => {
      if (what === 'state') void stateOf(userId).then((state) => heard.push(state));
    });
    closers.unshift(async () => stop());
    return heard;
  }
  return { clock, space, stage, presence, stateOf, hear };
}

describe('while the leases do not answer', () => {
  it('who comes is not seen, and is told of soon after they do', async () => {
    const { clock, stage, presence, stateOf, hear } = openStage();
    const heard = await hear(ada);
    stage.isGone = true;
    presence.connect(deviceOf(ada));
    await clock.advance(60_000);
    expect([await stateOf(ada), heard]).toEqual(['OFFLINE', []]);
    stage.isGone = false;
    await clock.advance(1_100);
    expect([await stateOf(ada), heard]).toEqual(['ONLINE', ['ONLINE']]);
  });

  it('who leaves is seen no longer soon after they do, and is told of once', async () => {
    const { clock, stage, presence, stateOf, hear } = openStage();
    const leave = presence.connect(deviceOf(ada));
    await clock.advance(1_000);
    const heard = await hear(ada);
    stage.isGone = true;
    leave();
    await clock.advance(60_000);
    expect([await stateOf(ada), heard]).toEqual(['ONLINE', []]);
    stage.isGone = false;
    await clock.advance(3_000);
    expect([await stateOf(ada), heard]).toEqual(['OFFLINE', ['OFFLINE']]);
  });

  it('who leaves and comes back has been there all the time', async () => {
    const { clock, stage, presence, stateOf, hear } = openStage();
    const leave = presence.connect(deviceOf(ada));
    await clock.advance(1_000);
    const heard = await hear(ada);
    stage.isGone = true;
    leave();
    await clock.advance(30_000);
    presence.connect(deviceOf(ada));
    await clock.advance(30_000);
    stage.isGone = false;
    await clock.advance(2 * graceMs);
    // That the leases did not hear of it nobody knows, so somebody looks.
    expect([await stateOf(ada), heard]).toEqual(['ONLINE', ['ONLINE']]);
  });

  it('whose device nobody looks at any more is told of soon after they do', async () => {
    const { clock, stage, presence, stateOf, hear } = openStage();
    presence.connect(deviceOf(ada));
    await clock.advance(1_000);
    const heard = await hear(ada);
    stage.isGone = true;
    await presence.setIdle(deviceOf(ada), true);
    await clock.advance(60_000);
    expect([await stateOf(ada), heard]).toEqual(['ONLINE', []]);
    stage.isGone = false;
    await clock.advance(3_000);
    expect([await stateOf(ada), heard]).toEqual(['IDLE', ['IDLE']]);
  });

  it('who is with a server that dies is told of all the same, later', async () => {
    const { clock, space, stage, presence, stateOf, hear } = openStage();
    const heard = await hear(bob);
    const dying = openMemoryLeases({ clock, space });
    await dying.claim(`presence:${bob}`, { entry: deviceOf(bob, 2).deviceId, value: { isIdle: false } });
    dying.kill();
    stage.isGone = true;
    await clock.advance(2 * (leaseMs + graceMs));
    stage.isGone = false;
    await clock.advance(3_000);
    expect([await stateOf(bob), heard]).toEqual(['OFFLINE', ['OFFLINE']]);
    expect(presence.counts.connected).toBe(0);
  });
});

it('claims again what a store forgot by the hundred, so that it has time to answer', async () => {
  const { clock, space, stage, presence, stateOf } = openStage();
  const people = upTo(450).map((n) => userIdOf(BigInt(n)));
  for (const [index, userId] of people.entries()) {
    presence.connect(deviceOf(userId, index + 1));
    await clock.advance(10);
  }
  stage.mostAtOnce = 0;
  space.keys.clear();
  space.renewedAt.clear();
  await clock.advance(renewMs + 1_000);
  for (const userId of people) expect(await stateOf(userId)).toBe('ONLINE');
  expect(stage.mostAtOnce).toBeGreaterThan(0);
  expect(stage.mostAtOnce).toBeLessThanOrEqual(100);
});

it('waits for a store by one signal for each wait, however many come, go and are left behind', async () => {
  const { clock, space, stage, presence, stateOf } = openStage();
  const dying = openMemoryLeases({ clock, space });
  const people = upTo(100).map((n) => userIdOf(BigInt(n)));
  const entryOf = (index: number) => deviceOf(ada, index + 1).deviceId;
  for (const [index, userId] of people.entries()) {
    // All of them with a process that dies, and each gone at a time of their own; every second one comes here then.
    const until = clock.now() + leaseMs + 2_000 + index;
    await dying.claim(`presence:${userId}`, { entry: entryOf(index), value: { isIdle: false }, until });
  }
  dying.kill();
  await clock.advance(leaseMs);
  stage.isGone = true;
  const leaves = people
    .filter((_, index) => index % 2 === 0)
    .map((userId, index) => presence.connect(deviceOf(userId, 1_000 + index)));
  await clock.advance(graceMs);
  for (const leave of leaves) leave();
  await clock.advance(graceMs);
  expect(stage.mostOnOneSignal).toBe(1);
  stage.isGone = false;
  await clock.advance(2 * graceMs);
  for (const userId of people) expect(await stateOf(userId)).toBe('OFFLINE');
});

it('looks at everybody again after hints were lost, once each process has had time to claim again', async () => {
  const clock = createManualClock(1_717_171_717_171);
  let interrupt: (how: Interruption) => void = () => undefined;
  const bus: Bus = {
    ...openMemoryBus(),
    onInterrupted(listener) {
      interrupt = listener;
      return () => undefined;
    },
  };
  const leases = openMemoryLeases({ clock });
  const rows = { profilesOf: async () => new Map(), saveSeen: async () => new Set<UserId>() };
  const presence = openPresence({ clock, bus, rows, leases, logger: pino({ enabled: false }) });
  closers.push(presence.close, leases.close);
  const looking: number[] = [];
  const stops = upTo(250).map((n) => presence.onLost(() => looking.push(n)));
  interrupt('reconnect');
  await clock.advance(3_000);
  interrupt('echo');
  await clock.advance(5_000);
  expect(looking).toEqual([]);
  await clock.advance(1_000);
  expect(looking).toEqual(upTo(100));
  stops.at(-1)?.();
  await clock.advance(2_000);
  expect(looking).toEqual(upTo(249));
  await clock.advance(60_000);
  expect(looking).toHaveLength(249);
});
