import type { ChannelId } from '../../../schema/ids.ts';
import type { Bus } from '../../../schema/ports/bus.ts';
import type { Interval } from '../../../schema/ports/memberships.ts';
import type { LogEvent } from '../../../schema/stream/event.ts';
import {
  channelTopic,
  type PositionsHint,
  parseChannelHint,
  parsePositionsHint,
} from '../../../schema/stream/hint.ts';
import { isVisible } from '../../../schema/stream/intervals.ts';
import type { NaiveLog } from './naive-log.ts';

/** One channel of one subscription. */
export type NaiveChannel = {
  readonly channelId: ChannelId;
  /** From where the viewer is in it. */
  readonly joinedSeq: number;
  /** The largest id that was sent, and the newest version of positions: what a cursor names. */
  newest: number;
  positionsAt: number;
  stop(): void;
};

export type Heard = {
  onEvent(event: LogEvent, epoch: number): void;
  onPositions(channelId: ChannelId, hint: PositionsHint): void;
};

/** What is read at once for somebody who comes back. */
const pageSize = 500;

type Opening = Pick<NaiveChannel, 'channelId' | 'joinedSeq' | 'positionsAt'> & {
  readonly intervals: readonly Interval[];
  /** Undefined: from now on. */
  readonly after: number | undefined;
  readonly epoch: number;
  readonly heard: Heard;
};

/**
 * Hears what is published in a channel, and first reads what has an id behind the cursor. In this order, so that nothing is lost in
 * between; what comes twice for that is told once.
 */
export async function openNaiveChannel(
  { bus, log }: { readonly bus: Bus; readonly log: NaiveLog },
  { channelId, joinedSeq, intervals, after, positionsAt, epoch, heard }: Opening,
): Promise<NaiveChannel> {
  /** What is heard before everything older has been read. */
  let early: LogEvent[] | undefined = [];
  /** What was read: its row can be there before it is published. */
  const sent = new Set<number>();
  /** Not what was said before the viewer came, which can be published a moment late. */
  const tell = (event: LogEvent) => {
    if (event.seq >= joinedSeq && !sent.has(event.seq)) heard.onEvent(event, epoch);
  };
  const stop = await bus.subscribe(channelTopic(channelId), (payload) => {
    const hint = parseChannelHint(payload);
    for (const event of hint?.events ?? []) early === undefined ? tell(event) : early.push(event);
    const moved = parsePositionsHint(payload);
    if (moved !== undefined) heard.onPositions(channelId, moved);
  });
  try {
    const head = (await log.heads([channelId])).heads.get(channelId)?.head ?? 0;
    const missed = after === undefined ? [] : await readBehind(log, channelId, after);
    for (const event of missed) {
      if (isVisible(intervals, event.seq)) tell(event);
      sent.add(event.seq);
    }
    for (const event of early) if (after !== undefined || event.seq > head) tell(event);
    early = undefined;
    return { channelId, joinedSeq, newest: after ?? head, positionsAt, stop };
  } catch (failure) {
    stop();
    throw failure;
  }
}

async function readBehind(log: NaiveLog, channelId: ChannelId, after: number): Promise<LogEvent[]> {
  const found: LogEvent[] = [];
  for (;;) {
    const page = await log.after(channelId, found.at(-1)?.seq ?? after, pageSize);
    found.push(...page);
    if (page.length < pageSize) return found;
  }
}
