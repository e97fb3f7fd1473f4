import type { ChannelId, Seq } from '../ids.ts';
import type { EventLog, Head } from '../ports/event-log.ts';
import type { CursorCodec } from './cursor.ts';
import type { LogDelivery } from './delivery.ts';
import type { LogEvent } from './event.ts';
import type { ChannelHint } from './hint.ts';
import type { StreamRules } from './rules.ts';

/** What the ring keeps at most: enough for readers a moment behind; who is further behind pages from the log. */
const ringBounds = { events: 256, bytes: 262_144 } as const;
/** One read of the log. */
const pageSize = 500;
/** What one event weighs without its text. */
const eventBytes = 400;

/** Told when there is something to pull; `isGone` when this hub is thrown away (another epoch, or a head that went back). */
export type HubListener = (isGone: boolean) => void;

/**
 * One per channel and process, whatever the number of readers: a contiguous ring of the newest events. Hints only make it
 * faster; a gap, a reconnect, a poll of the heads or a first reader make it look at the log.
 */
export interface Hub {
  readonly channelId: ChannelId;
  readonly epoch: number;
  /** The newest event that it holds: everything up to here can be read. */
  readonly pos: Seq;
  /** Thrown away: attach anew. */
  readonly isGone: boolean;
  readonly listeners: Set<HubListener>;
  /** Some events after `seq`, ascending without holes; empty when there are none yet. */
  after(seq: Seq, limit: number): Promise<readonly LogDelivery[]>;
  onHint(hint: ChannelHint): void;
  /** The log's head as somebody just read it: repairs what hints missed, or gives up when the log went back. */
  onHead(epoch: number, head: Head): Promise<void>;
  giveUp(): void;
}

type HubSettings = {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly head: Seq;
  readonly log: Pick<EventLog, 'read'>;
  readonly codec: CursorCodec;
  readonly rules: StreamRules;
  readonly onGone: () => void;
};

const weightOf = ({ event }: LogDelivery) => eventBytes + (event.message?.text?.length ?? 0) * 2;

export function createHub({ channelId, epoch, head, log, codec, rules, onGone }: HubSettings): Hub {
  let pos = head;
  let ring: LogDelivery[] = [];
  let ringBytes = 0;
  let isGone = false;
  let repairing: Promise<void> | undefined;
  const listeners = new Set<HubListener>();
  /** Reads in flight, shared by readers that want the same page. */
  const reads = new Map<string, Promise<readonly LogDelivery[]>>();

  const deliveryOf = (event: LogEvent): LogDelivery => ({
    type: 'log',
    channelId,
    event,
    eventId: `${epoch}.${channelId}.${event.seq}`,
    cursor: codec.channel(epoch, channelId, event.seq),
    at: event.createdAt,
    isShared: true,
  });

  function wake(): void {
    for (const listener of [...listeners]) listener(isGone);
  }

  /** An edit or deletion that passes also replaces what the ring holds of that message: no late reader gets the old text. */
  function renew(event: LogEvent): void {
    const { message } = event;
    if (message === null || event.kind === 'message.sent') return;
    ring = ring.map((held) =>
      held.event.message?.seq === message.seq ? deliveryOf({ ...held.event, message }) : held,
    );
  }

  function push(event: LogEvent): void {
    renew(event);
    const delivery = deliveryOf(event);
    ring.push(delivery);
    ringBytes += weightOf(delivery);
    pos = event.seq;
    while (ring.length > ringBounds.events || (ringBytes > ringBounds.bytes && ring.length > 1)) {
      const oldest = ring.shift();
      if (oldest !== undefined) ringBytes -= weightOf(oldest);
    }
  }

  function take(events: readonly LogEvent[]): void {
    const before = pos;
    for (const event of events) {
      if (event.seq === pos + 1 || (!rules.repairsGaps && event.seq > pos)) push(event);
    }
    if (pos > before) wake();
  }

  async function readLog(): Promise<void> {
    for (;;) {
      const events = await log.read(channelId, pos, pageSize);
      if (isGone) return;
      take(events);
      if (events.length < pageSize) return;
    }
  }

  /** One at a time; whoever asks meanwhile waits for the one that runs, and the next poll asks again. */
  function repair(): Promise<void> {
    repairing ??= readLog().finally(() => {
      repairing = undefined;
    });
    return repairing;
  }

  function giveUp(): void {
    if (isGone) return;
    isGone = true;
    onGone();
    wake();
  }

  function page(seq: Seq, limit: number): Promise<readonly LogDelivery[]> {
    const key = `${seq}:${limit}`;
    const inFlight = reads.get(key);
    if (inFlight !== undefined) return inFlight;
    const read = log.read(channelId, seq, limit).then((events) => events.map(deliveryOf));
    reads.set(key, read);
    return read.finally(() => reads.delete(key));
  }

  return {
    channelId,
    epoch,
    get pos() {
      return pos;
    },
    get isGone() {
      return isGone;
    },
    listeners,
    async after(seq, limit) {
      if (seq >= pos || isGone) return [];
      const first = ring[0]?.event.seq;
      if (first !== undefined && first <= seq + 1 && rules.repairsGaps)
        return ring.slice(seq + 1 - first, seq + 1 - first + limit);
      if (!rules.repairsGaps) return ring.filter(({ event }) => event.seq > seq).slice(0, limit);
      return page(seq, limit);
    },
    onHint(hint) {
      if (isGone || hint.epoch < epoch) return;
      if (hint.epoch > epoch) return giveUp();
      take(hint.events);
      const newest = hint.events.at(-1)?.seq ?? 0;
      // G4: whoever announced this event had committed everything before it, so the log can be read up to there now.
      if (newest > pos) repair().catch(() => undefined); // a failed read is repeated by the next hint or poll
    },
    async onHead(headEpoch, { head: logHead }) {
      if (isGone || headEpoch < epoch) return;
      if (headEpoch > epoch || logHead < pos) return giveUp();
      if (logHead > pos) await repair();
    },
    giveUp,
  };
}
