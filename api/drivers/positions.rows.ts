import { type ChannelId, memberIdOf, userIdOf } from '../../schema/ids.ts';
import type { ChannelPositions, StoredPosition } from '../../schema/ports/positions.ts';
import type { Counters } from '../../schema/stream/positions/counters.ts';
import type { Lowest, Summary } from '../../schema/stream/positions/summary.ts';

/** The counters of a member `m`. */
export const counterColumns = 'm.is_present, m.read_number, m.delivered_number, m.own_above, m.deleted_above';

export type CounterRow = {
  readonly is_present: boolean;
  readonly read_number: string;
  readonly delivered_number: string;
  readonly own_above: string;
  readonly deleted_above: string;
};

export const countersOf = (row: CounterRow): Counters => ({
  isPresent: row.is_present,
  readNumber: Number(row.read_number),
  deliveredNumber: Number(row.delivered_number),
  ownAbove: Number(row.own_above),
  deletedAbove: Number(row.deleted_above),
});

/** What a channel is at: columns of its `channel_position p`, which may be missing. */
export const appliedColumns = `coalesce(p.version, 0) AS positions_version, coalesce(p.applied_seq, 0) AS applied_seq,
  coalesce(p.applied_number, 0) AS applied_number, p.summary`;

export type AppliedRow = {
  readonly positions_version: string;
  readonly applied_seq: string;
  readonly applied_number: string;
  readonly summary: StoredSummary | null;
};

export const appliedOf = (row: AppliedRow) => ({
  version: Number(row.positions_version),
  appliedSeq: Number(row.applied_seq),
  appliedNumber: Number(row.applied_number),
});

/** Numbers and rows of users: who is the lowest, and who is next. */
type StoredLowest = readonly [number, string] | readonly [number, string, number, string];
/** As it stands in JSON, where a bigint is a text. */
export type StoredSummary = {
  readonly sharers: number;
  readonly read?: StoredLowest;
  readonly delivered?: StoredLowest;
};

function lowestOf(stored: StoredLowest | undefined): Lowest | null {
  if (stored === undefined) return null;
  const [number, userId, nextNumber, nextUserId] = stored;
  const hasNext = nextNumber !== undefined && nextUserId !== undefined;
  const next = hasNext ? { number: nextNumber, userId: userIdOf(nextUserId) } : null;
  return { number, userId: userIdOf(userId), next };
}

export const summaryOf = (stored: StoredSummary | null): Summary | undefined =>
  stored === null
    ? undefined
    : { sharers: stored.sharers, read: lowestOf(stored.read), delivered: lowestOf(stored.delivered) };

export type PositionRow = AppliedRow &
  CounterRow & {
    readonly epoch: number;
    readonly channel_id: string;
    readonly member_id: string | null;
    readonly user_id: string;
    readonly shares_read_position: boolean;
  };

const positionOf = (row: PositionRow): StoredPosition => ({
  memberId: memberIdOf(row.member_id ?? ''),
  userId: userIdOf(row.user_id),
  counters: countersOf(row),
  isShared: row.shares_read_position,
});

/** The rows of one channel, of which the first stands for the channel, too. */
export function positionsOfRows(channelId: ChannelId, rows: readonly PositionRow[]): ChannelPositions {
  const [first] = rows;
  if (first === undefined) throw new Error(`There is no row for the positions of ${channelId}.`);
  const members = rows.filter(({ member_id }) => member_id !== null);
  return { epoch: first.epoch, ...appliedOf(first), positions: members.map(positionOf) };
}
