import { pino } from 'pino';
import { type ChannelId, channelIdOf, type Seq, type UserId, userIdOf } from '../../ids.ts';
import { openMemoryBus } from '../../ports/bus.memory.ts';
import type { Bus, Interruption } from '../../ports/bus.ts';
import { createManualClock } from '../../ports/clock.manual.ts';
import type { Contacts } from '../../ports/contacts.ts';
import { openMemoryEventLog } from '../../ports/event-log.memory.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { HeadCache } from '../../ports/head-cache.ts';
import { openMemoryMemberships } from '../../ports/memberships.memory.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { Delivery, LogDelivery } from '../delivery.ts';
import { clientNonce, type EventDraft } from '../event.ts';
import { openStream } from '../open-stream.ts';
import type { Reader, Stream } from '../stream.ts';

export const start = 1_717_171_717_171;
export const [ada, ben] = [userIdOf(1n), userIdOf(2n)];
export const channelId = channelIdOf(9n);

/** A store that does what it is told, and counts. */
function openStore(channelIds: readonly ChannelId[], userIds: readonly UserId[]) {
  const log = openMemoryEventLog();
  const rows = openMemoryMemberships();
  for (const userId of userIds) rows.addUser(userId);
  for (const id of channelIds) rows.addGroup(id);
  const state = { isDown: false, reads: 0, beforeHeads: async () => {} };
  const check = () => {
    state.reads += 1;
    if (state.isDown) throw new Error('the store is down');
  };
  const downLog: EventLog = {
    ...log,
    async read(...args) {
      check();
      return log.read(...args);
    },
    async heads(...args) {
      check();
      await state.beforeHeads();
      return log.heads(...args);
    },
  };
  return { log: downLog, rows, state };
}

/** A bus that loses everything while it is told to, and counts who listens. */
function openBus() {
  const bus = openMemoryBus();
  const state = { isDeaf: false, losesTopics: /^$/, listening: 0 };
  let onInterrupted: (how: Interruption) => void = () => undefined;
  const counting: Bus = {
    ...bus,
    publish(topic, payload) {
      if (!state.isDeaf && !state.losesTopics.test(topic)) bus.publish(topic, payload);
    },
    async subscribe(topic, onPayload) {
      const stop = await bus.subscribe(topic, onPayload);
      state.listening += 1;
      return () => {
        state.listening -= 1;
        stop();
      };
    },
    onInterrupted(listener) {
      onInterrupted = listener;
      return () => undefined;
    },
  };
  return { bus: counting, busState: state, interrupt: () => onInterrupted('reconnect') };
}

type Options = {
  readonly channelIds?: readonly ChannelId[];
  readonly userIds?: readonly UserId[];
  readonly memberships?: (inner: Memberships) => Memberships;
  readonly contacts?: (inner: Contacts) => Contacts;
  readonly heads?: HeadCache;
};

/** One process with everything in memory, and a clock that is moved by hand. */
export async function openStreamWorld({
  channelIds = [channelId],
  userIds = [ada, ben],
  memberships: change = (inner) => inner,
  contacts: changeContacts = (inner) => inner,
  heads,
}: Options = {}) {
  const clock = createManualClock(start);
  const { log, rows, state } = openStore(channelIds, userIds);
  const { bus, busState, interrupt } = openBus();
  const { touchViewer, touchContact } = rows;
  const [memberships, contacts] = [change(rows.memberships), changeContacts(rows.contacts)];
  const logger = pino({ enabled: false });
  const settings = {
    ...{ log, bus, memberships, contacts, positions: rows.positions, clock, logger },
    ...{ installation: 'test', jitter: () => 0, heads },
  };
  const stream = await openStream(settings);
  return {
    ...{ clock, log, bus, memberships, contacts, positions: rows.positions, stream, interrupt },
    ...{ touchViewer, touchContact },
    store: state,
    hints: busState,
    /** The same store as another process sees it. */
    openOther: () => openStream(settings),
    ...writersOf(stream),
  };
}
export type StreamWorld = Awaited<ReturnType<typeof openStreamWorld>>;

let nonces = 0;
export const draft = (body: string, options: Partial<EventDraft> = {}): EventDraft => {
  nonces += 1;
  return { kind: 'message.sent', authorId: ada, nonce: clientNonce(`n${nonces}`), body, ...options };
};

function writersOf(stream: Stream) {
  const change = (userId: UserId, kind: 'ADDED' | 'REMOVED', id: ChannelId) =>
    stream.changeMembership(id, { by: ada, candidates: [userId] }, () => ({
      changes: [kind === 'ADDED' ? { kind, userId, role: 'MEMBER' } : { kind, userId, state: 'REMOVED' }],
      result: true,
    }));
  return {
    add: (userId: UserId, id = channelId) => change(userId, 'ADDED', id),
    remove: (userId: UserId, id = channelId) => change(userId, 'REMOVED', id),
    send: (body: string, id = channelId) => stream.record(id, draft(body)),
    erase: (refSeq: Seq, id = channelId) => stream.record(id, draft('', { kind: 'message.deleted', refSeq })),
  };
}

/** The next so many. */
export async function take<T>(reader: Reader<T>, count: number): Promise<readonly T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = await reader.next();
    if (done) throw new Error(`It ended after ${taken.length} of ${count}.`);
    taken.push(value);
  }
  return taken;
}

/** Up to and with `CaughtUp`. */
export async function untilCaughtUp(reader: Reader<Delivery>): Promise<readonly Delivery[]> {
  const taken: Delivery[] = [];
  for (;;) {
    taken.push(...(await take(reader, 1)));
    if (taken.at(-1)?.type === 'caught.up') return taken;
  }
}

/** What a delivery is, in one word or two. */
export const nameOf = (delivery: Delivery): string =>
  delivery.type === 'log'
    ? `${delivery.event.seq} ${delivery.event.message?.text ?? delivery.event.kind}`
    : 'reason' in delivery
      ? `${delivery.type} ${delivery.reason}`
      : 'isMember' in delivery
        ? `${delivery.type} ${delivery.isMember}`
        : 'userId' in delivery
          ? `${delivery.type} ${delivery.userId}`
          : delivery.type;

export const isLog = (delivery: Delivery | undefined): delivery is LogDelivery => delivery?.type === 'log';

/** Lets everything run that can run without time passing. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
