import { pino } from 'pino';
import { channelIdOf, type UserId, userIdOf } from '../../ids.ts';
import { createManualClock, type ManualClock } from '../../ports/clock.manual.ts';
import { openStream } from '../open-stream.ts';
import { allRules } from '../rules.ts';
import type { Stream } from '../stream.ts';
import { createSimBus, type SimBus } from './bus.ts';
import { type Chance, createChance } from './chance.ts';
import { createGate, type Gate } from './gate.ts';
import { createHistory, type History, type Snapshot } from './history.ts';
import { clockOf, contactsOf, logOf, membershipsOf, type PortSettings, positionsOf } from './ports.ts';
import { announcingFirst, type Sabotage, sabotaged } from './sabotage.ts';
import { openStore, type People, type Store } from './store.ts';
import { chaosMs, type Weather, weatherOf } from './weather.ts';

/** One simulated process that runs the real stream, again after each crash. */
export type Server = {
  readonly name: string;
  /** Of the process that runs now; undefined while none does. */
  readonly running: { readonly gate: Gate; readonly stream: Stream } | undefined;
  crash(): void;
  /** Closes the process that runs now, as a deploy does, while the next one starts already. */
  replace(): Promise<void>;
  /** Of the process that runs or starts now. */
  readonly gate: Gate;
};

export type World = {
  readonly seed: number;
  readonly weather: Weather;
  readonly clock: ManualClock;
  readonly chance: Chance;
  readonly people: People;
  readonly store: Store;
  readonly bus: SimBus;
  readonly servers: readonly Server[];
  readonly history: History;
  /** False when it is over, and all that is left is to heal. */
  isStormy(): boolean;
  /** The store answers nobody until then. */
  breakStore(ms: number): void;
  /** Nobody writes, and nothing fails, until then; nobody comes or goes until then. */
  readonly quiet: { until: number; membersUntil: number };
  snapshotFor(userId: UserId): Promise<Snapshot>;
};

export const startMs = 1_700_000_000_000;
export const installation = 'simulation';
const logger = pino({ enabled: false });

const people: People = {
  userIds: [1n, 2n, 3n, 4n].map(userIdOf),
  channelIds: [71n, 72n].map(channelIdOf),
};

export function createWorld(seed: number, sabotage: Sabotage): World {
  const weather = weatherOf(seed);
  const clock = createManualClock(startMs);
  const chance = createChance(seed);
  const store = sabotaged(openStore(people, clock.now), sabotage);
  const quiet = { until: 0, membersUntil: 0 };
  const isStormy = () => !weather.isCalm && clock.now() < startMs + chaosMs && clock.now() >= quiet.until;
  const bus = createSimBus({ clock, chance: chance.fork(), weather, isStormy });
  let brokenUntil = 0;
  const isOut = () => clock.now() < brokenUntil;
  const base = { store, clock, weather, isStormy, isOut };
  const names = ['north', 'south', 'west'].slice(0, weather.servers);
  const servers = names.map((name) => createServer(name, { ...base, chance: chance.fork(), bus, sabotage }));
  return {
    ...{ seed, weather, clock, chance, people, store, bus, servers, isStormy },
    history: createHistory(),
    breakStore(ms) {
      brokenUntil = clock.now() + ms;
    },
    quiet,
    async snapshotFor(userId) {
      const [channels, shown] = await Promise.all([store.channelsOf(userId), store.shownTo(userId)]);
      return { heads: store.heads(), channels, shown };
    },
  };
}

/** What a closed process still has in hand is done by then: an answer to wait for, or a place to fill in. */
const goodbyeMs = 6_000;

type ServerSettings = Omit<PortSettings, 'gate'> & { readonly bus: SimBus; readonly sabotage: Sabotage };

function createServer(name: string, settings: ServerSettings): Server {
  const { clock, chance } = settings;
  let running: Server['running'];
  let gate: Gate;

  async function open(): Promise<Stream> {
    const ports = { ...settings, gate };
    const { bus, sabotage, store } = settings;
    const own = { log: logOf(ports), bus: bus.of(gate) };
    return openStream({
      ...own,
      ...(sabotage.announcesFirst && { log: announcingFirst(own, store) }),
      memberships: membershipsOf(ports),
      positions: positionsOf(ports),
      contacts: contactsOf(ports),
      clock: clockOf(ports),
      logger,
      installation,
      rules: { ...allRules, ...sabotage.rules },
      jitter: () => chance.between(0, 100) / 100,
    });
  }

  async function start(): Promise<void> {
    const own: Gate = createGate({ ...settings, onCrash: () => (own === gate ? void restart() : undefined) });
    gate = own;
    while (own.isAlive) {
      const stream = await open().catch(() => undefined);
      if (!own.isAlive) return;
      if (stream !== undefined) {
        running = { gate: own, stream };
        return;
      }
      await clock.sleep(500);
    }
  }

  async function restart(): Promise<void> {
    running = undefined;
    await clock.sleep(chance.between(200, 4_000));
    await start();
  }

  async function replace(): Promise<void> {
    const old = running;
    if (old === undefined) return;
    running = undefined;
    old.gate.isClosing = true;
    void start();
    await old.stream.close();
    await clock.sleep(goodbyeMs);
    old.gate.crash();
  }

  gate = createGate({ ...settings, onCrash: () => undefined });
  void start();
  return {
    name,
    get running() {
      return running;
    },
    get gate() {
      return gate;
    },
    crash: () => gate.crash(),
    replace,
  };
}

/** A server that runs now. Waits for one when there is none. */
export async function anyServer({ servers, chance, clock }: World) {
  for (;;) {
    const up = servers.flatMap(({ name, running }) => (running?.gate.isAlive ? [{ name, ...running }] : []));
    if (up.length > 0) return chance.pick(up);
    await clock.sleep(100);
  }
}
