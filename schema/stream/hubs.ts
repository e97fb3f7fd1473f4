import type { ChannelId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog, Head } from '../ports/event-log.ts';
import type { CursorCodec } from './cursor.ts';
import { type ChannelHint, channelTopic, parseChannelHint } from './hint.ts';
import { createHub, type Hub } from './hub.ts';
import { createLingering, type Opened } from './lingering.ts';
import type { RepairCause, StreamObserver } from './observer.ts';
import type { StreamRules } from './rules.ts';

/** Heads asked for in one read, and hubs that repair themselves at the same time. */
const batchSize = 100;

/** The hubs of this process: opened for the first reader, closed a while after the last. */
export interface Hubs {
  /** The hub of a channel, open and listening (or gone already: attach again); call `release` when done with it. */
  attach(channelId: ChannelId): Promise<{ readonly hub: Hub; release(): void }>;
  /** Somebody has read something of this epoch: no hub of an older one is of any use. */
  sawEpoch(epoch: number): void;
  /** The newest that anybody in this process has seen. */
  readonly epoch: number;
  /** Compares one hub with the log now. */
  refresh(hub: Hub): Promise<void>;
  /** Compares every open hub with the log: finds what no hint told. Rejects when the log could not be read for some. */
  check(cause?: RepairCause): Promise<void>;
  /** How many are open. */
  readonly size: number;
  close(): Promise<void>;
}

type HubsSettings = {
  readonly log: Pick<EventLog, 'heads' | 'read'>;
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'now'>;
  readonly codec: CursorCodec;
  readonly rules: StreamRules;
  readonly observer?: StreamObserver;
};

export function createHubs({ log, bus, clock, codec, rules, observer }: HubsSettings): Hubs {
  const headOf = createHeadReader(log);
  const hubs = createLingering(clock, open);
  let newestEpoch = 0;

  function sawEpoch(epoch: number): void {
    if (epoch <= newestEpoch) return;
    newestEpoch = epoch;
    for (const [, hub] of hubs.all()) if (hub.epoch < epoch) hub.giveUp();
  }

  async function open(channelId: ChannelId): Promise<Opened<Hub>> {
    let hub: Hub | undefined;
    /** What is heard before there is a hub: the newest says enough, the log has the rest. */
    let early: ChannelHint | undefined;
    const listen = () =>
      bus.subscribe(channelTopic(channelId), (payload) => {
        const hint = parseChannelHint(payload);
        if (hint === undefined) return;
        if (hub === undefined) early = newerHint(early, hint);
        else hub.onHint(hint);
      });
    const { found, stop } = await listenAndRead(listen, () => headOf(channelId), rules.listensFirst);
    const value = createHub({
      channelId,
      epoch: found.epoch,
      head: found.head.head,
      log,
      codec,
      rules,
      observer,
      onGone: () => hubs.discard(channelId, value),
    });
    hub = value;
    sawEpoch(found.epoch);
    if (early !== undefined) value.onHint(early, 'attach');
    return { value, close: stop };
  }

  async function refresh(hub: Hub): Promise<void> {
    const asked = hub.pos;
    await hub.onHead({ ...(await headOf(hub.channelId)), asked }, 'attach');
  }

  async function checkSome(some: readonly Hub[], cause: RepairCause): Promise<void> {
    const asked = some.map(({ pos }) => pos);
    const { epoch, heads } = await log.heads(some.map(({ channelId }) => channelId));
    sawEpoch(epoch);
    const repairs = some.map((hub, index) => {
      const head = heads.get(hub.channelId) ?? emptyHead;
      return hub.onHead({ epoch, head, asked: asked[index] ?? 0 }, cause);
    });
    const [failed] = (await Promise.allSettled(repairs)).filter(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async function attach(channelId: ChannelId) {
    const { value: hub, release } = await hubs.attach(channelId);
    if (hub.epoch < newestEpoch) hub.giveUp();
    if (hub.isGone) hubs.discard(channelId, hub);
    return { hub, release };
  }

  return {
    async attach(channelId) {
      const attached = await attach(channelId);
      if (!attached.hub.isGone) return attached;
      attached.release();
      return attach(channelId);
    },
    sawEpoch,
    get epoch() {
      return newestEpoch;
    },
    refresh,
    async check(cause = 'poll') {
      hubs.closeIdle();
      const open = hubs.all().map(([, hub]) => hub);
      for (let i = 0; i < open.length; i += batchSize) await checkSome(open.slice(i, i + batchSize), cause);
    },
    get size() {
      return hubs.all().length;
    },
    close: hubs.close,
  };
}

const emptyHead: Head = { head: 0, messageCount: 0, lastCreatedAt: 0 };

const newestIn = ({ events }: ChannelHint) => Math.max(0, ...events.map(({ seq }) => seq));

function newerHint(known: ChannelHint | undefined, hint: ChannelHint): ChannelHint {
  if (known === undefined || hint.epoch > known.epoch) return hint;
  return hint.epoch === known.epoch && newestIn(hint) > newestIn(known) ? hint : known;
}

/** Listening first: what is committed after the head was read is then heard of, what before is in the head. */
async function listenAndRead<Found>(
  listen: () => Promise<() => void>,
  read: () => Promise<Found>,
  listensFirst: boolean,
): Promise<{ readonly found: Found; readonly stop: () => void }> {
  if (!listensFirst) {
    const found = await read();
    return { found, stop: await listen() };
  }
  const stop = await listen();
  try {
    return { found: await read(), stop };
  } catch (failure) {
    stop();
    throw failure;
  }
}

/** Reads heads together: a viewer of a thousand channels costs a few reads, not a thousand. */
function createHeadReader(log: Pick<EventLog, 'heads'>) {
  let waiting: { readonly ids: ChannelId[]; readonly read: ReturnType<EventLog['heads']> } | undefined;

  function startReading() {
    const ids: ChannelId[] = [];
    // A tick later: everything asked for together has been collected by then, and is read after it was asked for.
    const read = Promise.resolve().then(() => {
      if (waiting?.ids === ids) waiting = undefined;
      return log.heads(ids);
    });
    return { ids, read };
  }

  return async (channelId: ChannelId): Promise<{ readonly epoch: number; readonly head: Head }> => {
    if (waiting === undefined || waiting.ids.length >= batchSize) waiting = startReading();
    const { ids, read } = waiting;
    ids.push(channelId);
    const { epoch, heads } = await read;
    return { epoch, head: heads.get(channelId) ?? emptyHead };
  };
}
