import type { ChannelId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog, Head } from '../ports/event-log.ts';
import type { Positions } from '../ports/positions.ts';
import { createBatchedRead } from './batched-read.ts';
import type { CursorCodec } from './cursor.ts';
import type { Known } from './head-look.ts';
import {
  type ChannelHint,
  channelTopic,
  type PositionsHint,
  parseChannelHint,
  parsePositionsHint,
  positionsPlace,
} from './hint.ts';
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
  /** Compares every open hub, or only these, with the log: finds what no hint told. Rejects when the log could not be read for some. */
  check(cause?: RepairCause, channelIds?: readonly ChannelId[]): Promise<void>;
  /** How far each open hub is, in its log and in its positions. */
  known(): readonly Known<ChannelId>[];
  /** How many are open. */
  readonly size: number;
  close(): Promise<void>;
}

type HubsSettings = {
  readonly log: Pick<EventLog, 'heads' | 'read'>;
  readonly positions: Pick<Positions, 'versions' | 'movedAfter'>;
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'now'>;
  readonly codec: CursorCodec;
  readonly rules: StreamRules;
  readonly observer?: StreamObserver;
};

export function createHubs({ log, positions, bus, clock, codec, rules, observer }: HubsSettings): Hubs {
  const truthOf = createTruthReader(log, positions);
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
    let earlyMove: PositionsHint | undefined;
    const listen = () =>
      bus.subscribe(channelTopic(channelId), (payload) => {
        const hint = parseChannelHint(payload);
        if (hint !== undefined && hub === undefined) early = newerHint(early, hint);
        else if (hint !== undefined) hub?.onHint(hint);
        const moved = parsePositionsHint(payload);
        if (moved !== undefined && hub === undefined) earlyMove = newerMove(earlyMove, moved);
        else if (moved !== undefined) hub?.onPositionsHint(moved);
      });
    const { found, stop } = await listenAndRead(listen, () => truthOf(channelId), rules.listensFirst);
    const value = createHub({
      channelId,
      epoch: found.epoch,
      head: found.head.head,
      version: found.version,
      log,
      positions,
      codec,
      rules,
      observer,
      onGone: () => hubs.discard(channelId, value),
    });
    hub = value;
    sawEpoch(found.epoch);
    if (early !== undefined) value.onHint(early, 'attach');
    if (earlyMove !== undefined) value.onPositionsHint(earlyMove);
    return { value, close: stop };
  }

  async function refresh(hub: Hub): Promise<void> {
    const [asked, known] = [hub.pos, hub.positions.version];
    const found = await truthOf(hub.channelId);
    await hub.onHead({ ...found, asked }, 'attach');
    if (!hub.isGone && found.epoch === hub.epoch) hub.positions.onTruth(found.version, known);
  }

  async function checkSome(some: readonly Hub[], cause: RepairCause): Promise<void> {
    const asked = some.map(({ pos, positions: { version } }) => ({ pos, version }));
    const channelIds = some.map(({ channelId }) => channelId);
    const [{ epoch, heads }, moved] = await Promise.all([
      log.heads(channelIds),
      positions.versions(channelIds),
    ]);
    sawEpoch(Math.max(epoch, moved.epoch));
    for (const [index, hub] of some.entries())
      if (!hub.isGone && hub.epoch === moved.epoch)
        hub.positions.onTruth(moved.versions.get(hub.channelId) ?? 0, asked[index]?.version ?? 0);
    const repairs = some.map((hub, index) => {
      const head = heads.get(hub.channelId) ?? emptyHead;
      return hub.onHead({ epoch, head, asked: asked[index]?.pos ?? 0 }, cause);
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
    async check(cause = 'poll', channelIds) {
      hubs.closeIdle();
      const open = channelIds?.flatMap((id) => hubs.get(id) ?? []) ?? hubs.all().map(([, hub]) => hub);
      for (let i = 0; i < open.length; i += batchSize) await checkSome(open.slice(i, i + batchSize), cause);
    },
    known: () =>
      hubs.all().flatMap(([key, hub]) => [
        { key, place: channelTopic(key), epoch: hub.epoch, at: hub.pos },
        { key, place: positionsPlace(key), epoch: hub.epoch, at: hub.positions.version },
      ]),
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

/** The other feed's hint that says more. */
const newerMove = (known: PositionsHint | undefined, hint: PositionsHint): PositionsHint =>
  known === undefined ||
  hint.epoch > known.epoch ||
  (hint.epoch === known.epoch && hint.positions.version > known.positions.version)
    ? hint
    : known;

type Truth = { readonly epoch: number; readonly head: Head; readonly version: number };

/** Where the log of a channel ends, and the version of its positions; of several channels at once, in a few reads. */
function createTruthReader(
  log: Pick<EventLog, 'heads'>,
  positions: Pick<Positions, 'versions'>,
): (channelId: ChannelId) => Promise<Truth> {
  return createBatchedRead(batchSize, async (channelIds: readonly ChannelId[]) => {
    const [{ epoch, heads }, moved] = await Promise.all([
      log.heads(channelIds),
      positions.versions(channelIds),
    ]);
    return (channelId) => ({
      epoch: Math.max(epoch, moved.epoch),
      head: heads.get(channelId) ?? emptyHead,
      version: moved.versions.get(channelId) ?? 0,
    });
  });
}
