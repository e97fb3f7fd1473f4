import type { Clock } from '../../ports/clock.ts';
import type { Contacts } from '../../ports/contacts.ts';
import { type EventLog, OutcomeUnknownError } from '../../ports/event-log.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { Positions } from '../../ports/positions.ts';
import type { Chance } from './chance.ts';
import { type Gate, StoreDown } from './gate.ts';
import type { Store } from './store.ts';
import { lateEffectMs, type Weather } from './weather.ts';

export type PortSettings = {
  readonly gate: Gate;
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly isStormy: () => boolean;
  /** The store does not answer anybody. */
  readonly isOut: () => boolean;
};

/** The clock of one process: a little wrong. */
export function clockOf({ gate, clock, chance }: PortSettings): Clock {
  const skewMs = chance.between(-2_000, 2_000);
  return { now: () => clock.now() + skewMs, sleep: gate.sleep };
}

/** The log as one process sees it. */
export function logOf(settings: PortSettings): EventLog {
  const { gate, store, clock, chance, weather, isStormy, isOut } = settings;
  const read = failing(settings);

  /** The first attempt is still queued somewhere, and takes effect after the caller has been told that nobody knows. */
  async function appendLate(...round: Parameters<EventLog['append']>): Promise<void> {
    const { generation } = store;
    await clock.sleep(chance.between(50, lateEffectMs));
    if (store.generation !== generation) return;
    // What it refuses then, nobody is told.
    await store.log.append(...round).catch(() => undefined);
  }

  return {
    async append(...round) {
      const isUnknown = isOut() || (isStormy() && chance.happens(weather.unknown));
      const fate = isUnknown ? chance.pick(['done', 'lost', 'late'] as const) : 'told';
      try {
        if (fate === 'told' || fate === 'done') {
          const appended = await gate.call(() => store.log.append(...round));
          if (fate === 'told') return appended;
        }
      } catch (failure) {
        if (!(failure instanceof StoreDown)) throw failure;
      }
      if (fate === 'late') void appendLate(...round);
      await gate.sleep(chance.between(10, 900));
      throw new OutcomeUnknownError('Nobody knows.');
    },
    read: (...args) => read(() => store.log.read(...args)),
    heads: (...args) => read(() => store.log.heads(...args)),
    messages: (...args) => read(() => store.log.messages(...args)),
    messagesAt: (...args) => read(() => store.log.messagesAt(...args)),
    findNonce: (...args) => read(() => store.log.findNonce(...args)),
    outlines: (...args) => read(() => store.log.outlines(...args)),
    close: async () => undefined,
  };
}

/** The rows as one process sees them. */
export function membershipsOf(settings: PortSettings): Memberships {
  const { store } = settings;
  const call = failing(settings);
  return {
    change: (...args) => call(() => store.memberships.change(...args)),
    changeOwn: (...args) => call(() => store.memberships.changeOwn(...args)),
    pending: (...args) => call(() => store.memberships.pending(...args)),
    unsettled: (...args) => call(() => store.memberships.unsettled(...args)),
    settle: (...args) => call(() => store.memberships.settle(...args)),
    feedOf: (...args) => call(() => store.memberships.feedOf(...args)),
    feedVersions: (...args) => call(() => store.memberships.feedVersions(...args)),
    of: (...args) => call(() => store.memberships.of(...args)),
  };
}

/** How far members are, as one process sees it. */
export function positionsOf(settings: PortSettings): Positions {
  const { store } = settings;
  const call = failing(settings);
  return {
    of: (...args) => call(() => store.positions.of(...args)),
    write: (...args) => call(() => store.positions.write(...args)),
    movedAfter: (...args) => call(() => store.positions.movedAfter(...args)),
    versions: (...args) => call(() => store.positions.versions(...args)),
    share: (...args) => call(() => store.positions.share(...args)),
  };
}

/** What changes between people, as one process sees it. */
export function contactsOf(settings: PortSettings): Contacts {
  const { store } = settings;
  const call = failing(settings);
  return { movedIn: (...args) => call(() => store.contacts.movedIn(...args)) };
}

/** Calls that may fail: before they take effect, or on the way back. */
function failing({ gate, chance, weather, isStormy, isOut }: PortSettings) {
  return async <T>(effect: () => Promise<T>): Promise<T> => {
    const fails = isOut() || (isStormy() && chance.happens(weather.failing));
    if (fails && chance.happens(0.5)) {
      await gate.sleep(chance.between(1, 300));
      throw new StoreDown('The request was lost.');
    }
    const answer = await gate.call(effect);
    if (fails) throw new StoreDown('The answer was lost.');
    return answer;
  };
}
