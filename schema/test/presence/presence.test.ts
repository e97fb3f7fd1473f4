import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceIdOf, type UserId, userIdOf } from '../../ids.ts';
import { openMemoryBus } from '../../ports/bus.memory.ts';
import { createManualClock } from '../../ports/clock.manual.ts';
import type { Clock } from '../../ports/clock.ts';
import { createLeaseSpace, openMemoryLeases } from '../../ports/leases.memory.ts';
import { graceMs, type Leases } from '../../ports/leases.ts';
import { upTo } from '../../ports/random.contract.ts';
import { openPresence } from '../../presence/open-presence.ts';
import type { PersonRows, Profile } from '../../presence/person-rows.ts';
import { followPeople } from '../../presence/watch-presence.ts';
import type { PresenceDelivery } from '../../presence/watched-people.ts';
import { createEnd } from '../../stream/pulled-reader.ts';

const start = 1_717_171_717_171;
const [ada, bob, eve] = [userIdOf(1n), userIdOf(2n), userIdOf(3n)];
const deviceOf = (userId: UserId, number = 1) => ({ userId, deviceId: deviceIdOf(BigInt(number)) });
const profileOf = (id: UserId): Profile => ({
  id,
  ...{ handle: id, displayName: id, colour: '#000000', lastSeenAt: null },
  ...{ isInvisible: false, lastSeenVisibleTo: 'CO_MEMBERS', sharesReadPosition: true },
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Processes over one lease space and one bus; what each of them does with rows and leases can be watched, or held up. */
function openStage() {
  const [clock, space, bus] = [createManualClock(start), createLeaseSpace(), openMemoryBus()];
  const saved: (readonly [userId: UserId, at: number])[] = [];
  const everybody: PersonRows = {
    profilesOf: async (ids) => new Map(ids.map((id) => [id, profileOf(id)])),
    async saveSeen(seen) {
      for (const [userId, at] of seen) saved.push([userId, at - start]);
      return new Set(seen.keys());
    },
  };
  type Changes = { rows?: Partial<PersonRows>; clock?: Clock; watchLeases?: (leases: Leases) => Leases };
  function open({ rows, clock: own = clock, watchLeases = (leases) => leases }: Changes = {}) {
    const leases = openMemoryLeases({ clock: own, space });
    const parts = { clock: own, bus, logger: pino({ enabled: false }), rows: { ...everybody, ...rows } };
    const presence = openPresence({ ...parts, leases: watchLeases(leases) });
    closers.push(presence.close, leases.close);
    return { presence, kill: leases.kill };
  }
  return { clock, bus, saved, open };
}
type Stage = ReturnType<typeof openStage>;
type Presence = ReturnType<Stage['open']>['presence'];

const relation = { isSelf: false, state: 'CONTACT', isBlockedByViewer: false, blocksViewer: false } as const;
/** What a contact of these people is told. */
async function watch(presence: Presence, clock: Clock, userIds: readonly UserId[]) {
  const told: PresenceDelivery[] = [];
  const readRows = async (ids: readonly UserId[]) =>
    new Map(ids.map((id) => [id, { user: { ...profileOf(id), relation }, isNear: false }]));
  const end = createEnd(new AbortController().signal);
  const reader = await followPeople({ presence, clock }, { viewerId: eve, userIds, readRows }, end);
  void (async () => {
    for await (const delivery of reader) told.push(delivery);
  })();
  closers.unshift(async () => end.bring());
  return told;
}
const statesIn = (told: readonly PresenceDelivery[]) => told.map(({ presence }) => presence?.state);

describe('when people were there last', () => {
  it('is kept when their server closes: now for who is there, as it was for who has just left', async () => {
    const { clock, saved, open } = openStage();
    const { presence } = open();
    const leave = presence.connect(deviceOf(ada));
    presence.connect(deviceOf(bob, 2));
    presence.connect(deviceOf(eve, 3));
    await presence.setIdle(deviceOf(eve, 3), true);
    await clock.advance(1_000);
    leave();
    await clock.advance(5_000);
    saved.length = 0;
    await presence.close();
    expect(saved.sort()).toEqual([
      [ada, 1_000],
      [bob, 6_000],
    ]);
  });

  it('is kept now and then of who stays, so that a crash forgets little', async () => {
    const { clock, saved, open } = openStage();
    open().presence.connect(deviceOf(ada));
    await clock.advance(15 * 60_000);
    const times = saved.map(([, at]) => at);
    expect(times.length).toBeGreaterThan(2);
    for (const [index, at] of times.entries())
      expect(at - (times[index - 1] ?? 0)).toBeLessThanOrEqual(5 * 60_000 + 15_000);
    expect(15 * 60_000 - (times.at(-1) ?? 0)).toBeLessThanOrEqual(5 * 60_000 + 15_000);
  });

  it('keeps nobody waiting who looks: they are told while the database hangs, and when it has answered', async () => {
    const { clock, open } = openStage();
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const saveSeen: PersonRows['saveSeen'] = async (seen) => {
      await answered;
      return new Set(seen.keys());
    };
    const { presence } = open({ rows: { saveSeen } });
    const told = await watch(presence, clock, [ada]);
    presence.connect(deviceOf(ada))();
    await clock.advance(2_000);
    expect(statesIn(told)).toEqual(['OFFLINE', 'ONLINE']);
    await clock.advance(graceMs);
    expect(statesIn(told)).toEqual(['OFFLINE', 'ONLINE', 'OFFLINE']);
    expect(told.at(-1)?.presence?.lastSeenAt).toBeNull();
    answer();
    await clock.advance(1_000);
    expect(told.at(-1)?.presence).toMatchObject({ state: 'OFFLINE', lastSeenAt: start });
    expect(told).toHaveLength(4);
  });

  it('is lost rather than told of another time when the database fails, and they are told all the same', async () => {
    const { clock, saved, open } = openStage();
    let isDown = true;
    const saveSeen: PersonRows['saveSeen'] = async (seen) => {
      if (isDown) throw new Error('The database does not answer.');
      for (const [userId, at] of seen) saved.push([userId, at - start]);
      return new Set(seen.keys());
    };
    const { presence } = open({ rows: { saveSeen } });
    const told = await watch(presence, clock, [ada]);
    presence.connect(deviceOf(ada))();
    await clock.advance(graceMs + 1_000);
    isDown = false;
    await clock.advance(10 * 60_000);
    expect(statesIn(told).slice(0, 3)).toEqual(['OFFLINE', 'ONLINE', 'OFFLINE']);
    expect(saved).toEqual([]);
  });
});

describe('who turns away while the leases do not answer', () => {
  it('is written down as seen once, not at each attempt', async () => {
    const { clock, saved, open } = openStage();
    let isGone = false;
    const watchLeases = (leases: Leases): Leases => ({
      ...leases,
      async claim(...claim) {
        if (isGone) throw new Error('The leases do not answer.');
        return leases.claim(...claim);
      },
    });
    const { presence } = open({ watchLeases });
    presence.connect(deviceOf(ada));
    await clock.advance(1_000);
    saved.length = 0;
    isGone = true;
    void presence.setIdle(deviceOf(ada), true);
    await clock.advance(30_000);
    expect(saved).toEqual([[ada, 1_000]]);
  });
});

describe('a device that comes back', () => {
  it('is as it was, whatever a process that has died meanwhile had claimed for it', async () => {
    const { clock, open } = openStage();
    const [first, second] = [open(), open()];
    first.presence.connect(deviceOf(ada));
    await clock.advance(1_000);
    first.kill();
    const leave = second.presence.connect(deviceOf(ada));
    await second.presence.setIdle(deviceOf(ada), true);
    await clock.advance(2_000);
    leave();
    second.presence.connect(deviceOf(ada));
    await clock.advance(40_000);
    expect((await second.presence.statesOf([ada])).get(ada)?.state).toBe('IDLE');
  });

  it('was looked at if that was said before it left, however soon after it came', async () => {
    const { clock, saved, open } = openStage();
    const { presence } = open();
    const leave = presence.connect(deviceOf(ada));
    await presence.setIdle(deviceOf(ada), true);
    await clock.advance(60_000);
    saved.length = 0;
    leave();
    const leaveAgain = presence.connect(deviceOf(ada));
    void presence.setIdle(deviceOf(ada), false);
    leaveAgain();
    await clock.advance(graceMs + 1_000);
    expect(saved.at(-1)).toEqual([ada, 60_000]);
  });

  it('is looked at when it was away for longer than that', async () => {
    const { clock, open } = openStage();
    const { presence } = open();
    const leave = presence.connect(deviceOf(ada));
    await presence.setIdle(deviceOf(ada), true);
    leave();
    await clock.advance(graceMs + 1_000);
    presence.connect(deviceOf(ada));
    await clock.advance(1_000);
    expect((await presence.statesOf([ada])).get(ada)?.state).toBe('ONLINE');
  });
});

describe('those who look', () => {
  it('are told in the end what a process claimed that died before it could tell', async () => {
    const { clock, open } = openStage();
    let isDying = false;
    const never = new Promise<never>(() => undefined);
    const watchLeases = (leases: Leases): Leases => ({
      ...leases,
      async claim(...claim) {
        const before = await leases.claim(...claim);
        return isDying ? never : before;
      },
    });
    const [dying, eye] = [open({ watchLeases }), open()];
    dying.presence.connect(deviceOf(ada));
    eye.presence.connect(deviceOf(ada, 2));
    await eye.presence.setIdle(deviceOf(ada, 2), true);
    const told = await watch(eye.presence, clock, [ada]);
    await clock.advance(2_000);
    isDying = true;
    void dying.presence.setIdle(deviceOf(ada), true);
    await clock.advance(100);
    closers.splice(0, 2); // what is dead does not close
    dying.kill();
    await clock.advance(35_000);
    expect(statesIn(told)).toEqual(['ONLINE', 'IDLE']);
  });

  it('do not wait because they have just looked at everybody anyway', async () => {
    const { clock, open } = openStage();
    const { presence } = open();
    const told = await watch(presence, clock, [ada]);
    await clock.advance(10);
    const heard = told.length;
    presence.connect(deviceOf(ada));
    await clock.advance(10);
    expect(statesIn(told.slice(heard))).toEqual(['ONLINE']);
  });

  it('are told later things by later times, and go on being told, when the clock of their server is set back', async () => {
    const { clock, open } = openStage();
    let offset = 0;
    const own: Clock = { now: () => clock.now() + offset, sleep: clock.sleep };
    const { presence } = open({ clock: own });
    const told = await watch(presence, own, [ada]);
    await clock.advance(1_000);
    offset = -3_600_000;
    const leave = presence.connect(deviceOf(ada));
    await clock.advance(2_000);
    leave();
    await clock.advance(graceMs + 60_000);
    expect(statesIn(told).slice(0, 3)).toEqual(['OFFLINE', 'ONLINE', 'OFFLINE']);
    const times = told.map(({ presence: shown }) => shown?.at ?? 0);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('read a changed profile once, however many they are, and again when it could not be read', async () => {
    const { clock, open } = openStage();
    const reads: (readonly UserId[])[] = [];
    let fails = 2;
    const profilesOf: PersonRows['profilesOf'] = async (ids) => {
      reads.push(ids);
      fails -= 1;
      if (fails >= 0) throw new Error('The database does not answer.');
      return new Map(ids.map((id) => [id, { ...profileOf(id), displayName: 'new' }]));
    };
    const { presence } = open({ rows: { profilesOf } });
    const all = await Promise.all(upTo(50).map(() => watch(presence, clock, [ada, bob])));
    await clock.advance(5_000);
    presence.announce(ada);
    presence.announce(ada);
    await clock.advance(2_000);
    for (const told of all)
      expect(told.map(({ user: { id, displayName } }) => [id, displayName])).toEqual([
        [ada, ada],
        [bob, bob],
        [ada, 'new'],
      ]);
    expect(reads).toEqual([[ada], [ada], [ada]]);
  });

  it('are not woken by what there is between two others', async () => {
    const { clock, open } = openStage();
    const { presence } = open();
    const told = await watch(presence, clock, [ada]);
    await clock.advance(5_000);
    presence.announce(ada, bob);
    await clock.advance(5_000);
    expect(told).toHaveLength(1);
  });

  it('may be shown any number of people: the leases are asked for a thousand at a time', async () => {
    const sizes: number[] = [];
    const { open } = openStage();
    const watchLeases = (leases: Leases): Leases => ({
      ...leases,
      async of(keys) {
        sizes.push(keys.length);
        return leases.of(keys);
      },
    });
    const { presence } = open({ watchLeases });
    const found = await presence.statesOf(upTo(2_500).map((n) => userIdOf(BigInt(n))));
    expect(found.size).toBe(2_500);
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });
});
