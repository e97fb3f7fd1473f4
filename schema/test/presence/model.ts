import { pino } from 'pino';
import { type UserId, userIdOf } from '../../ids.ts';
import { openMemoryBus } from '../../ports/bus.memory.ts';
import type { Bus } from '../../ports/bus.ts';
import { createManualClock, type ManualClock } from '../../ports/clock.manual.ts';
import type { Clock } from '../../ports/clock.ts';
import { createLeaseSpace, type LeaseSpace, openMemoryLeases } from '../../ports/leases.memory.ts';
import { type Leases, renewMs } from '../../ports/leases.ts';
import { createRandom, upTo } from '../../ports/random.contract.ts';
import { openPresence, type Presence } from '../../presence/open-presence.ts';
import type { PersonRows, Profile } from '../../presence/person-rows.ts';
import type { ReadRows } from '../../presence/watched-people.ts';

export const start = 1_717_171_717_171;
export const userIds = upTo(3).map((n) => userIdOf(BigInt(n)));
export const viewerIds = upTo(2).map((n) => userIdOf(BigInt(100 + n)));

/** How much goes wrong: hints that are lost; calls of the leases that take a while, so that they pass each other. */
export type Faults = { readonly lostHints: number; readonly slowMs: number };

/** What one of those who look has towards one of those who are looked at. */
export type Between = {
  isContact: boolean;
  isNear: boolean;
  isBlockedByViewer: boolean;
  blocksViewer: boolean;
};
type Written = { -readonly [K in keyof Profile]: Profile[K] };

export type Process = {
  readonly presence: Presence;
  kill(): void;
  /** Its lease is not renewed for so long; it knows nothing of that. */
  stall(ms: number): void;
  isStalled(): boolean;
};

/** Processes that share their leases, a bus, and what is written of people. */
export function openModel(seed: number, faults: Faults) {
  const random = createRandom(seed);
  const [clock, space] = [createManualClock(start), createLeaseSpace()];
  const inner = openMemoryBus();
  const topics = new Set<() => void>();
  const bus: Bus = {
    ...inner,
    publish: (...hint) => (random() < faults.lostHints ? undefined : inner.publish(...hint)),
  };
  const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
    if (faults.slowMs > 0) await clock.sleep(Math.floor(random() * faults.slowMs));
    return work();
  };
  const store = createStore(clock, slowly);
  const openProcess = () => openOne({ clock, space, bus, topics, rows: store.rows, slowly });
  const processes = upTo(3).map(openProcess);
  return { faults, random, clock, topics, space, store, openProcess, processes };
}
export type Model = ReturnType<typeof openModel>;

type Parts = {
  readonly clock: ManualClock;
  readonly space: LeaseSpace;
  readonly bus: Bus;
  /** What is listened to, by all of them: each is ended by what stands here. */
  readonly topics: Set<() => void>;
  readonly rows: PersonRows;
  readonly slowly: <T>(work: () => Promise<T>) => Promise<T>;
};

function openOne({ clock, space, bus, topics, rows, slowly }: Parts): Process {
  let [goesOn, stalledUntil] = [Promise.resolve(), 0];
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await clock.sleep(ms, signal);
    await goesOn;
  };
  const inner = openMemoryLeases({ clock: { now: clock.now, sleep }, space });
  let isAlive = true;
  /** What the dead do changes nothing, and they never hear back. */
  const ifAlive = <T>(work: () => Promise<T>): Promise<T> =>
    isAlive
      ? slowly(() => (isAlive ? work() : new Promise<T>(() => undefined)))
      : new Promise(() => undefined);
  const leases: Leases = {
    ...inner,
    claim: (...claim) => ifAlive(() => inner.claim(...claim)),
    drop: (...place) => ifAlive(() => inner.drop(...place)),
    of: (keys) => ifAlive(() => inner.of(keys)),
  };
  const own = new Set<() => void>();
  const presence = openPresence({
    ...{ leases, clock, logger: pino({ enabled: false }) },
    rows: { ...rows, saveSeen: (seen) => ifAlive(() => rows.saveSeen(seen)) },
    bus: {
      ...bus,
      publish: (...hint) => (isAlive ? bus.publish(...hint) : undefined),
      async subscribe(...topic) {
        const stop = await bus.subscribe(...topic);
        if (!isAlive) stop();
        if (!isAlive) return stop;
        const end = () => {
          for (const set of [own, topics]) set.delete(end);
          stop();
        };
        for (const set of [own, topics]) set.add(end);
        return end;
      },
    },
  });
  return {
    presence,
    kill() {
      isAlive = false;
      inner.kill();
      void presence.close();
      for (const end of own) end();
    },
    stall(ms) {
      goesOn = clock.sleep(ms);
      stalledUntil = clock.now() + ms;
    },
    // Until it has said again that it lives.
    isStalled: () => clock.now() < stalledUntil + renewMs,
  };
}

/** What is written of everybody, and of what there is between them. It can be out of reach. */
function createStore(clock: Clock, slowly: Parts['slowly']) {
  const written = new Map<UserId, Written>(userIds.map((id) => [id, begun(id)]));
  const between = new Map<string, Between>();
  const state = { isDown: false, mendedAt: 0 };
  const inReach = <T>(work: () => T): Promise<T> =>
    slowly(async () => {
      if (state.isDown) throw new Error('The database does not answer.');
      return work();
    });
  const betweenOf = (viewerId: UserId, userId: UserId): Between => {
    const place = `${viewerId} ${userId}`;
    const known = between.get(place);
    if (known) return known;
    const made = { isContact: false, isNear: true, isBlockedByViewer: false, blocksViewer: false };
    between.set(place, made);
    return made;
  };
  const profileOf = (id: UserId): Written => {
    const profile = written.get(id);
    if (!profile) throw new Error('Nobody.');
    return profile;
  };
  const rows: PersonRows = {
    profilesOf: (ids) => inReach(() => new Map(ids.map((id) => [id, { ...profileOf(id) }]))),
    saveSeen: (seen) =>
      inReach(() => {
        const visible = [...seen].filter(([id]) => !profileOf(id).isInvisible);
        for (const [id, at] of visible)
          profileOf(id).lastSeenAt = new Date(Math.max(profileOf(id).lastSeenAt?.getTime() ?? 0, at));
        return new Set(visible.map(([id]) => id));
      }),
  };
  const readRowsOf =
    (viewerId: UserId): ReadRows =>
    (ids) =>
      inReach(() => {
        const found = ids.map((id) => {
          const { isContact, isNear, ...blocks } = betweenOf(viewerId, id);
          const relation = { isSelf: false, state: isContact ? 'CONTACT' : 'NONE', ...blocks } as const;
          return [id, { user: { ...profileOf(id), relation }, isNear }] as const;
        });
        return new Map(found);
      });
  return { state, rows, profileOf, betweenOf, readRowsOf, now: clock.now };
}

const begun = (id: UserId): Written => ({
  id,
  ...{ handle: id, displayName: id, colour: '#000000', lastSeenAt: null },
  ...{ isInvisible: false, lastSeenVisibleTo: 'CO_MEMBERS', sharesReadPosition: true },
});
