import type { ChannelId } from '../../ids.ts';
import type { Rows } from './check-rows.ts';
import type { ShownAtLast } from './check-shown.ts';
import type { History, MarkAck } from './history.ts';
import type { Logs } from './store.ts';

type Facts = {
  readonly history: History;
  readonly logs: Logs;
  readonly rows: ReadonlyMap<ChannelId, Rows>;
  readonly atLast: ShownAtLast;
  /** How often the store went back. */
  readonly generation: number;
};

/** G1 for positions: how far somebody said that they are, and was told that it is so, is at the end no further back. */
export function checkMarks({ history, logs, rows, atLast, generation }: Facts): string[] {
  const isOfNow = (mark: MarkAck) => {
    const row = rows.get(mark.channelId)?.memberships.find(({ userId }) => userId === mark.userId);
    return mark.generation === generation && row?.state === 'ACTIVE' && joinedOf(row) === mark.joined;
  };
  return history.marks.filter(isOfNow).flatMap((mark) => {
    const { channelId, userId } = mark;
    const position = atLast.get(userId)?.channels.get(channelId)?.positions.get(userId);
    const last = (logs.get(channelId) ?? []).at(-1)?.number ?? 0;
    const isLost = (said: number | undefined, now: number | null | undefined) =>
      said !== undefined && (now ?? 0) < Math.min(said, last);
    return isLost(mark.read, position?.read) || isLost(mark.delivered, position?.delivered)
      ? [`G1: ${userId} said ${JSON.stringify(mark)}, and is at ${position?.read}/${position?.delivered}`]
      : [];
  });
}

const joinedOf = ({ intervals }: Rows['memberships'][number]) => intervals.at(-1)?.joinedVersion;
