import type { ChannelId, Seq } from '../ids.ts';
import type { EventLog, Head } from '../ports/event-log.ts';
import type { Positions } from '../ports/positions.ts';
import type { CursorCodec } from './cursor.ts';
import type { LogDelivery } from './delivery.ts';
import type { LogEvent } from './event.ts';
import type { ChannelHint, PositionsHint } from './hint.ts';
import type { RepairCause, StreamObserver } from './observer.ts';
import { createPositionsFeed, type PositionsFeed } from './positions/positions-feed.ts';
import { createRing, weightOf } from './ring.ts';
import type { StreamRules } from './rules.ts';

/** One read of the log to catch up with it. */
const repairSize = 500;
/** Events that wait for what comes in front of them: a moment of a busy channel. */
const mostAhead = 64;
/** One read of the log for a reader: what it keeps until it has used it, so a slow one costs at most this. */
const pageBounds = { events: 100, bytes: 65_536 } as const;

/** Told when there is something to pull, or when the hub is gone: one listener can follow many channels. */
export type HubListener = (channelId: ChannelId) => void;

/** Some events from the log, ascending without holes. */
export type Page = {
  readonly deliveries: readonly LogDelivery[];
  /** `Hub.changes` before it was read: when that has grown, the page may hold a text that was changed or deleted since. */
  readonly changes: number;
};

/**
 * One per channel and process, whatever the number of readers: a contiguous ring of the newest events. Hints only make it
 * faster; a gap, a reconnect, a poll of the heads or a first reader make it look at the log.
 */
export interface Hub {
  readonly channelId: ChannelId;
  readonly epoch: number;
  /** The newest event that it knows: everything up to here can be read. */
  readonly pos: Seq;
  /** How many edits and deletions have passed. */
  readonly changes: number;
  /** Thrown away (another epoch, or a log that went back): attach anew. */
  readonly isGone: boolean;
  readonly listeners: Set<HubListener>;
  /** How far the members are: the other feed of the channel. */
  readonly positions: PositionsFeed;
  /** The event behind `seq`, if the ring has it. */
  next(seq: Seq): LogDelivery | undefined;
  /** Some events behind `seq` from the log, for readers that are behind the ring. Those who want the same one share it. */
  page(seq: Seq): Promise<Page>;
  onHint(hint: ChannelHint, cause?: RepairCause): void;
  onPositionsHint(hint: PositionsHint): void;
  /**
   * The log's head as somebody read it when this hub was at `asked` already: repairs what hints missed, or gives up when the
   * log went back. Rejects when the log cannot be read.
   */
  onHead(
    found: { readonly epoch: number; readonly head: Head; readonly asked: Seq },
    cause?: RepairCause,
  ): Promise<void>;
  /** The log is another one now: wakes all readers, who attach anew. */
  giveUp(): void;
}

type HubSettings = {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly head: Seq;
  /** Of the positions. */
  readonly version: number;
  readonly log: Pick<EventLog, 'read'>;
  readonly positions: Pick<Positions, 'movedAfter'>;
  readonly codec: CursorCodec;
  readonly rules: StreamRules;
  readonly observer?: StreamObserver;
  readonly onGone: () => void;
};

export function createHub(settings: HubSettings): Hub {
  const { channelId, epoch, head, log, codec, rules, observer, onGone } = settings;
  const positions = createPositionsFeed({ ...settings, onNews: () => wake(), onLost: () => giveUp() });
  const ring = createRing();
  const listeners = new Set<HubListener>();
  /** Reads in flight. */
  const reads = new Map<Seq, Promise<Page>>();
  /** What was heard of before what comes in front of it: two servers that commit at the same moment are often heard the wrong way round. */
  const ahead = new Map<Seq, LogEvent>();
  let pos = head;
  /** The newest event that was heard of. */
  let heard = head;
  let changes = 0;
  let isGone = false;
  let repairing: Promise<void> | undefined;

  const deliveryOf = (event: LogEvent): LogDelivery =>
    Object.freeze({
      type: 'log',
      channelId,
      event: Object.freeze(event),
      eventId: `${epoch}.${channelId}.${event.seq}`,
      cursor: codec.channel(epoch, channelId, event.seq),
      at: event.createdAt,
      isShared: true,
    });

  function wake(): void {
    for (const listener of listeners) listener(channelId);
  }

  /**
   * An edit or deletion that passes also replaces what is held of that message: no late reader gets the old text. Replies to
   * it become other objects, as what was made of them and is kept beside them may quote it.
   */
  function renew({ kind, message }: LogEvent): void {
    if (message === null || kind === 'message.sent') return;
    changes += 1;
    reads.clear();
    ring.renew(({ event }) => {
      if (event.message?.seq === message.seq) return deliveryOf({ ...event, message });
      return event.message?.replyTo?.seq === message.seq ? deliveryOf({ ...event }) : undefined;
    });
  }

  function push(event: LogEvent): void {
    ahead.delete(event.seq);
    renew(event);
    ring.push(deliveryOf(event));
    pos = event.seq;
  }

  function take(events: readonly LogEvent[]): void {
    const before = pos;
    for (const event of events) {
      if (event.seq === pos + 1 || (event.seq > pos && !rules.repairsGaps)) push(event);
      else if (event.seq > pos && ahead.size < mostAhead) ahead.set(event.seq, event);
    }
    for (let next = ahead.get(pos + 1); next !== undefined; next = ahead.get(pos + 1)) push(next);
    if (pos === before) return;
    for (const seq of ahead.keys()) if (seq <= pos) ahead.delete(seq);
    positions.onLog();
    wake();
  }

  /** Reads on until it has reached what was heard of, also of what was heard of meanwhile. */
  async function readLog(): Promise<void> {
    for (;;) {
      const target = heard;
      const events = await log.read(channelId, pos, repairSize);
      if (isGone) return;
      take(events);
      const mayHaveMore = events.length > 0 || heard > target;
      if (!mayHaveMore || (pos >= heard && events.length < repairSize)) return;
    }
  }

  function repair(cause: RepairCause): Promise<void> {
    if (repairing !== undefined) return repairing;
    observer?.onRepair(cause);
    repairing = readLog().finally(() => {
      repairing = undefined;
    });
    return repairing;
  }

  /**
   * G4: whoever announced an event had committed everything before it, so the log can be read up to there now. But first what came with it:
   * what is missing is often right behind it.
   */
  function repairSoon(cause: RepairCause): void {
    queueMicrotask(() => {
      if (!isGone && heard > pos) repair(cause).catch(() => undefined); // the next hint or poll tries again
    });
  }

  function giveUp(): void {
    if (isGone) return;
    isGone = true;
    onGone();
    wake();
  }

  async function readPage(seq: Seq): Promise<Page> {
    const asked = changes;
    const events = await log.read(channelId, seq, pageBounds.events);
    if (events.length > 0 && events[0]?.seq !== seq + 1)
      throw new Error(`The log of ${channelId} has a hole behind ${seq}.`);
    if (!isGone) take(events); // it may reach further than what was heard of
    const deliveries = events.map(deliveryOf);
    return { deliveries: upToBytes(deliveries), changes: asked };
  }

  function page(seq: Seq): Promise<Page> {
    const inFlight = reads.get(seq);
    if (inFlight !== undefined) return inFlight;
    const read = readPage(seq).finally(() => {
      if (reads.get(seq) === read) reads.delete(seq);
    });
    reads.set(seq, read);
    return read;
  }

  return {
    channelId,
    epoch,
    get pos() {
      return pos;
    },
    get changes() {
      return changes;
    },
    get isGone() {
      return isGone;
    },
    listeners,
    positions,
    next: rules.repairsGaps ? ring.next : ring.nextKept,
    page,
    onHint(hint, cause = 'gap') {
      if (isGone || hint.epoch < epoch) return;
      if (hint.epoch > epoch) return giveUp();
      take(hint.events);
      for (const { seq } of hint.events) heard = Math.max(heard, seq);
      if (heard > pos && rules.repairsGaps) repairSoon(cause);
    },
    onPositionsHint(hint) {
      if (isGone || hint.epoch < epoch) return;
      if (hint.epoch > epoch) return giveUp();
      positions.onHint(hint.positions);
    },
    async onHead(found, cause = 'poll') {
      if (isGone || found.epoch < epoch) return;
      if (found.epoch > epoch || found.head.head < found.asked) return giveUp();
      heard = Math.max(heard, found.head.head);
      if (heard > pos) await repair(cause);
    },
    giveUp,
  };
}

/** As many as weigh no more than a page may, at least one. */
function upToBytes(deliveries: readonly LogDelivery[]): readonly LogDelivery[] {
  let bytes = 0;
  const end = deliveries.findIndex((delivery, index) => {
    bytes += weightOf(delivery);
    return index > 0 && bytes > pageBounds.bytes;
  });
  return end === -1 ? deliveries : deliveries.slice(0, end);
}
