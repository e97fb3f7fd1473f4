import type { ChannelId, UserId } from '../../ids.ts';
import type { Delivery } from '../delivery.ts';
import type { Stream } from '../stream.ts';
import type { Gate } from './gate.ts';
import type { Beginning, MessageSession, Received, Session } from './history.ts';
import { caughtUp, received } from './receiving.ts';
import { chaosMs } from './weather.ts';
import { anyServer, startMs, type World } from './world.ts';

/** A client that keeps cursors as the published rule says. */
export type ReadingDevice = {
  readonly name: string;
  readonly userId: UserId;
  /** Waits between two events, in a storm. */
  readonly isSlow: boolean;
  /** Appended to with each event; replaced by a complete one. */
  cursors: string[];
};

type Running = { readonly name: string; readonly gate: Gate; readonly stream: Stream };

/** As long as an API allows, or so. */
const longestWaitMs = 20_000;

/** Resolves when this connection is cut; never when that would be after the storm. */
async function cutOf({ weather, chance, clock }: World, gate: Gate): Promise<undefined> {
  const [low, high] = weather.sessionMs;
  const lengthMs = chance.between(low, high);
  const isCut = clock.now() + lengthMs < startMs + chaosMs;
  return isCut ? Promise.race([gate.crashed, clock.sleep(lengthMs).then(() => undefined)]) : gate.crashed;
}

/** What `promise` answers; undefined when the connection is cut before. */
const before = <T>(
  cut: Promise<undefined>,
  promise: Promise<T>,
): Promise<{ readonly value: T } | undefined> => Promise.race([promise.then((value) => ({ value })), cut]);

/** Subscribes to `events`, again and again, from where it was. */
export async function readEvents(world: World, device: ReadingDevice): Promise<never> {
  for (;;) {
    const server = await anyServer(world);
    const cut = cutOf(world, server.gate);
    const session = await beginSession(world, device, { server, cut, kind: 'events' });
    if (session !== undefined) await follow(world, device, { session, server, cut });
    await world.clock.sleep(world.chance.between(0, world.isStormy() ? 1_500 : 100));
  }
}

type Connection = { readonly server: Running; readonly cut: Promise<undefined> };

async function beginSession(
  world: World,
  device: ReadingDevice,
  { server, cut, kind }: Connection & Pick<Session, 'kind'>,
) {
  const beginning = beginningOf(world, device, kind);
  const [openedAt, openedAtMs] = [world.history.step(), world.clock.now()];
  let snapshot: Session['snapshot'];
  if (beginning === 'sync') {
    const cursor = await before(cut, server.stream.syncPoint(device.userId)).catch(() => undefined);
    if (cursor === undefined) return undefined;
    snapshot = await world.snapshotFor(device.userId);
    device.cursors = [cursor.value.cursor];
  }
  const session: Session = {
    ...{ kind, device: device.name, userId: device.userId, server: server.name },
    ...{
      beginning,
      openedAt,
      openedAtMs,
      snapshot,
      received: [],
      isSlow: device.isSlow,
      isOpen: true,
      failure: undefined,
    },
  };
  world.history.sessions.push(session);
  return session;
}

function beginningOf({ chance, weather }: World, device: ReadingDevice, kind: Session['kind']): Beginning {
  if (device.cursors.length === 0) return kind === 'events' && chance.happens(0.5) ? 'now' : 'sync';
  // Without a new epoch, events of a lost log have the ids of those that follow: only all cursors can tell.
  const keepsAll = weather.restore === 'same epoch' || chance.happens(0.7);
  if (device.cursors.length === 1 || keepsAll) return 'all cursors';
  device.cursors.splice(1); // what came first is complete
  return 'newest complete';
}

async function follow(
  world: World,
  device: ReadingDevice,
  { session, server, cut }: Connection & { readonly session: Session },
): Promise<void> {
  const client = new AbortController();
  const after = session.beginning === 'now' ? undefined : [...device.cursors];
  try {
    const opened = await before(cut, server.stream.follow(device.userId, after, client.signal));
    for (;;) {
      const result = opened && (await before(cut, opened.value.next()));
      if (result === undefined || result.value.done) break;
      await receive(world, device, { session, delivery: result.value.value });
      if (device.isSlow && world.isStormy()) await pause(world, cut);
    }
    if (world.chance.happens(0.5)) await before(cut, opened?.value.return() ?? cut);
  } catch (failure) {
    session.failure = failure;
  }
  session.isOpen = false;
  client.abort('cut');
  // Who was cut before anything complete came has nothing to go on from.
  if (session.beginning === 'now' && !session.received.some(isComplete)) device.cursors = [];
}

const isComplete = ({ delivery: { type } }: Pick<Received, 'delivery'>) =>
  type === 'caught.up' || type === 'checkpoint';

const pause = ({ clock, chance, weather }: World, cut: Promise<undefined>) =>
  before(cut, clock.sleep(chance.between(0, weather.slownessMs)));

async function receive(
  world: World,
  device: ReadingDevice,
  { session, delivery }: { readonly session: Session; readonly delivery: Delivery },
): Promise<void> {
  session.received.push(await received(world, delivery, session));
  if (isComplete({ delivery })) device.cursors = [delivery.cursor];
  else device.cursors.push(delivery.cursor);
}

/** Asks for `changes`, page after page; half of them wait until there is something. */
export async function pollChanges(world: World, device: ReadingDevice): Promise<never> {
  const { chance, clock } = world;
  for (;;) {
    const server = await anyServer(world);
    const cut = cutOf(world, server.gate);
    const session = await beginSession(world, device, { server, cut, kind: 'changes' });
    if (session === undefined) {
      await clock.sleep(200);
      continue;
    }
    const asksAgain = await readPage(world, device, { session, server, cut });
    session.isOpen = false;
    if (!asksAgain) await clock.sleep(chance.between(200, 3_000));
  }
}

async function readPage(
  world: World,
  device: ReadingDevice,
  { session, server, cut }: Connection & { readonly session: Session },
): Promise<boolean> {
  const { chance } = world;
  const waitMs = chance.happens(0.5) ? chance.between(1, longestWaitMs) : 0;
  const wanted = { after: device.cursors, first: chance.between(1, 20), waitMs };
  const client = new AbortController();
  try {
    const page = await before(cut, server.stream.changes(device.userId, wanted, client.signal));
    if (page === undefined) return false;
    const { events, hasMore, cursor } = page.value;
    for (const delivery of events) session.received.push(await received(world, delivery, session));
    if (!hasMore) session.received.push(await caughtUp(world, cursor));
    device.cursors = [cursor];
    return hasMore || waitMs > 0;
  } catch (failure) {
    session.failure = failure;
    return false;
  } finally {
    client.abort('cut');
  }
}

/** Subscribes to `messageAdded` in one channel, again and again, from the number it has. */
export async function readMessages(
  world: World,
  reader: { readonly device: string; readonly userId: UserId; readonly channelId: ChannelId },
): Promise<never> {
  const { history, clock, chance, store } = world;
  let [afterNumber, generation] = [0, 0];
  for (;;) {
    const server = await anyServer(world);
    if (store.generation !== generation) [afterNumber, generation] = [0, store.generation];
    const session: MessageSession = {
      ...{ ...reader, server: server.name, afterNumber, generation, received: [] },
      ...{ hasEnded: false, isOpen: true, failure: undefined },
    };
    await followMessages(world, session, server);
    if (session.isOpen) history.messageSessions.push(session);
    session.isOpen = false;
    const newest = session.received.at(-1)?.delivery;
    if (newest?.type === 'log') afterNumber = newest.event.number;
    await clock.sleep(chance.between(100, world.isStormy() ? 1_500 : 200));
  }
}

async function followMessages(world: World, session: MessageSession, server: Running): Promise<void> {
  const { userId, channelId, afterNumber } = session;
  const cut = cutOf(world, server.gate);
  const client = new AbortController();
  try {
    const wanted = { channelId, afterNumber, showsAll: false };
    const opened = await before(cut, server.stream.followMessages(userId, wanted, client.signal));
    const reader = opened?.value;
    if (reader === undefined) session.isOpen = false;
    while (reader !== undefined) {
      const result = await before(cut, reader.next());
      if (result?.value.done && !server.gate.isClosing) session.hasEnded = true;
      if (result === undefined || result.value.done) break;
      const { clock, history, store } = world;
      const received = { at: history.step(), atMs: clock.now(), generation: store.generation };
      session.received.push({
        ...received,
        delivery: result.value.value,
        snapshot: undefined,
        shown: undefined,
      });
    }
  } catch (failure) {
    session.failure = failure;
  }
  client.abort('cut');
}
