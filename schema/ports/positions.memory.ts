import type { ChannelId, UserId } from '../ids.ts';
import {
  type Channel,
  isActive,
  move,
  newProgress,
  type Row,
  type User,
  userOf,
} from './memberships.memory-rows.ts';
import type { ChannelPositions, Positions, StoredPosition } from './positions.ts';

type Rows = {
  readonly users: ReadonlyMap<UserId, User>;
  readonly channels: ReadonlyMap<ChannelId, Channel>;
};

/** The reference: over the rows of `memberships.memory.ts`, each call in one go. */
export function positionsOf({ users, channels }: Rows, epoch: number): Positions {
  const storedOf = (row: Row): StoredPosition => ({
    ...{ memberId: row.memberId, userId: row.userId, counters: row.counters },
    isShared: userOf(users, row).isShared,
  });
  const rowsOf = (channel: Channel | undefined) => [...(channel?.rows.values() ?? [])];
  const of = (channelId: ChannelId): ChannelPositions => {
    const channel = channels.get(channelId);
    const { version, appliedSeq, appliedNumber } = channel?.progress ?? newProgress();
    const known = rowsOf(channel).filter((row) => isActive(row) || row.counters.isPresent);
    return { epoch, version, appliedSeq, appliedNumber, positions: known.map(storedOf) };
  };
  return {
    of: async (channelIds) => new Map(channelIds.map((channelId) => [channelId, of(channelId)])),
    async write(channelId, at, { changed, now, ...applied }) {
      const channel = channels.get(channelId);
      if (!channel || at.epoch !== epoch || at.version !== channel.progress.version) return undefined;
      const { progress } = channel;
      progress.version += 1;
      Object.assign(progress, { ...applied, at: Math.max(now, progress.at) });
      const moved = changed.flatMap((change) => {
        const row = channel.rows.get(change.userId);
        if (!row) throw new Error('A position of somebody who never was in the channel.');
        row.counters = change.counters;
        if (change.isTold) row.positionsVersion = progress.version;
        return change.movesFeed ? [move(users, row)] : [];
      });
      return { version: progress.version, moved };
    },
    async movedAfter(channelId, version) {
      const channel = channels.get(channelId);
      const progress = channel?.progress ?? newProgress();
      const moved = rowsOf(channel).filter((row) => row.positionsVersion > version && isActive(row));
      return {
        epoch,
        version: progress.version,
        at: progress.at,
        memberIds: moved.map(({ memberId }) => memberId),
      };
    },
    async versions(channelIds) {
      return {
        epoch,
        versions: new Map(channelIds.map((id) => [id, channels.get(id)?.progress.version ?? 0])),
      };
    },
    async share(userId, isShared, now) {
      const user = users.get(userId);
      if (!user || user.isShared === isShared) return undefined;
      Object.assign(user, {
        isShared,
        feedVersion: user.feedVersion + 1,
        viewerVersion: user.feedVersion + 1,
      });
      const shared = user.rows
        .filter(isActive)
        .flatMap((row) => shareIn(channels.get(row.channelId), row, now));
      return { moved: { userId, version: user.feedVersion }, channels: shared };
    },
  };
}

/** The summary holds no longer, and the others are to be told of this position. */
function shareIn(channel: Channel | undefined, row: Row, now: number) {
  if (!channel) return [];
  const { progress } = channel;
  Object.assign(progress, {
    version: progress.version + 1,
    at: Math.max(now, progress.at),
    summary: undefined,
  });
  row.positionsVersion = progress.version;
  return [{ channelId: channel.id, memberId: row.memberId, version: progress.version }];
}
