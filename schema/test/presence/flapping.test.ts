import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceIdOf, userIdOf } from '../../ids.ts';
import { openMemoryBus } from '../../ports/bus.memory.ts';
import type { Bus } from '../../ports/bus.ts';
import { createManualClock } from '../../ports/clock.manual.ts';
import { createLeaseSpace, openMemoryLeases } from '../../ports/leases.memory.ts';
import type { Leases } from '../../ports/leases.ts';
import { upTo } from '../../ports/random.contract.ts';
import { openPresence } from '../../presence/open-presence.ts';
import type { PersonRows, Profile } from '../../presence/person-rows.ts';
import { followPeople } from '../../presence/watch-presence.ts';
import { createEnd } from '../../stream/pulled-reader.ts';

// A device on a bad network comes and goes for an hour: what that costs the leases, the bus, the database, and those who look.

const start = 1_717_171_717_171;
const lookers = 10;
const ada = userIdOf(1n);
const device = { userId: ada, deviceId: deviceIdOf(1n) };
const profile: Profile = {
  ...{ id: ada, handle: 'ada', displayName: 'Ada', colour: '#000000', lastSeenAt: null },
  ...{ isInvisible: false, lastSeenVisibleTo: 'CO_MEMBERS', sharesReadPosition: true },
};
const relation = { isSelf: false, state: 'CONTACT', isBlockedByViewer: false, blocksViewer: false } as const;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const free = { claims: 0, looks: 0, drops: 0, hints: 0, writes: 0, reads: 0, told: 0 };
type Cost = typeof free;

function countedLeases(leases: Leases, cost: Cost): Leases {
  const counted =
    <A extends readonly unknown[], T>(what: keyof Cost, work: (...args: A) => T) =>
    (...args: A): T => {
      cost[what] += 1;
      return work(...args);
    };
  const [claim, of, drop] = [counted('claims', leases.claim), counted('looks', leases.of), leases.drop];
  return { ...leases, claim, of, drop: counted('drops', drop) };
}

const countedBus = (bus: Bus, cost: Cost): Bus => ({
  ...bus,
  publish(...hint) {
    cost.hints += 1;
    bus.publish(...hint);
  },
});

const countedRows = (cost: Cost): PersonRows => ({
  async profilesOf(ids) {
    cost.reads += 1;
    return new Map(ids.map((id) => [id, profile]));
  },
  async saveSeen(seen) {
    cost.writes += 1;
    return new Set(seen.keys());
  },
});

/** A process where the device is connected, and ten who look at it on another; everything that costs something is counted. */
async function openStage() {
  const clock = createManualClock(start);
  const [space, memory, cost] = [createLeaseSpace(), openMemoryBus(), { ...free }];
  const [bus, rows, logger] = [countedBus(memory, cost), countedRows(cost), pino({ enabled: false })];
  const open = () => {
    const inner = openMemoryLeases({ clock, space });
    const presence = openPresence({ leases: countedLeases(inner, cost), bus, clock, logger, rows });
    closers.push(presence.close, inner.close);
    return presence;
  };
  const [presence, elsewhere] = [open(), open()];
  const end = createEnd(new AbortController().signal);
  closers.unshift(async () => end.bring());
  const readRows = async () => {
    cost.reads += 1;
    return new Map([[ada, { user: { ...profile, relation }, isNear: false }]]);
  };
  for (const n of upTo(lookers)) {
    const watch = { viewerId: userIdOf(BigInt(100 + n)), userIds: [ada], readRows };
    const reader = await followPeople({ presence: elsewhere, clock }, watch, end);
    void (async () => {
      for await (const _ of reader) cost.told += 1;
    })();
  }
  return { clock, presence, cost, space };
}

const hour = 3_600_000;
/** Everybody who looks is told anew each 45 to 60 s, and reads who it is for that. */
const renewals = lookers * (hour / 45_000 + 1);

describe('a device that comes and goes for an hour', () => {
  it('each second, costs two claims each time; nobody is told, and hardly anything is written', async () => {
    const { clock, presence, cost, space } = await openStage();
    let leave = presence.connect(device);
    await clock.advance(1_000);
    for (let at = 1_000; at < hour; at += 1_000) {
      leave();
      leave = presence.connect(device);
      await clock.advance(1_000);
    }
    const flaps = hour / 1_000;
    expect(cost.claims).toBeLessThanOrEqual(2 * flaps + 1);
    // That they are there, once; and so much of the database as somebody who stays costs, too: each 5 minutes.
    expect(cost.hints).toBe(1);
    expect(cost.writes).toBeLessThanOrEqual(1 + hour / 300_000);
    expect(cost.reads).toBeLessThanOrEqual(renewals);
    expect(cost.told).toBeLessThanOrEqual(lookers + renewals);
    // Before and after each claim, and for those who look.
    expect(cost.looks).toBeLessThanOrEqual(2 * cost.claims + lookers + renewals);
    expect([...space.keys.values()].map(({ claims }) => claims.size)).toEqual([1]);
  });

  it('and stays away for longer than it is waited for, costs as much each time, however many look', async () => {
    const { clock, presence, cost, space } = await openStage();
    const [thereMs, awayMs] = [1_000, 12_000];
    const times = Math.floor(hour / (thereMs + awayMs));
    for (const _ of upTo(times)) {
      const leave = presence.connect(device);
      await clock.advance(thereMs);
      leave();
      await clock.advance(awayMs);
    }
    expect(cost.claims).toBe(2 * times);
    expect(cost.drops).toBe(times);
    // That they came, and that they have gone.
    expect(cost.hints).toBe(2 * times);
    expect(cost.writes).toBeLessThanOrEqual(2 * times + hour / 300_000);
    expect(cost.reads).toBeLessThanOrEqual(renewals);
    expect(cost.told).toBeGreaterThanOrEqual(lookers * 2 * times);
    expect(cost.told).toBeLessThanOrEqual(lookers * 2 * times + lookers + renewals);
    await clock.advance(hour);
    expect([space.keys.size, presence.counts.connected]).toEqual([0, 0]);
  });

  it('a hundred times at once, is there in the end, and is told of as if it had done so once', async () => {
    const { clock, presence, cost } = await openStage();
    await clock.advance(1_000);
    const before = { ...cost };
    for (const _ of upTo(100)) presence.connect(device)();
    presence.connect(device);
    await clock.advance(20_000);
    expect((await presence.statesOf([ada])).get(ada)?.state).toBe('ONLINE');
    expect(cost.claims - before.claims).toBeLessThanOrEqual(201);
    expect(cost.hints - before.hints).toBe(1);
    expect(cost.told - before.told).toBe(lookers);
  });

  it('and says ten times a second that nobody looks at it, or somebody does, is told of four times a second at most', async () => {
    const { clock, presence, cost } = await openStage();
    presence.connect(device);
    await clock.advance(1_000);
    const before = { ...cost };
    for (const n of upTo(600)) {
      await presence.setIdle(device, n % 2 === 1);
      await clock.advance(100);
    }
    expect(cost.told - before.told).toBeLessThanOrEqual(lookers * (4 * 60 + 3));
    expect(cost.reads - before.reads).toBeLessThanOrEqual(lookers * 2);
  });
});
