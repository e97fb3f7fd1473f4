import type { UserId } from '../ids.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { CursorCodec } from './cursor.ts';
import { joinedSeqOf } from './intervals.ts';
import type { SyncPoint } from './stream.ts';

type Stores = {
  readonly memberships: Pick<Memberships, 'feedOf'>;
  readonly log: Pick<EventLog, 'heads'>;
  readonly codec: CursorCodec;
};

/** See `Stream.syncPoint`. Rows first, then heads: whatever is read later shows at least both. */
export async function takeSyncPoint({ memberships, log, codec }: Stores, userId: UserId): Promise<SyncPoint> {
  const page = await memberships.feedOf(userId, 0);
  const present = page.memberships.filter((membership) => joinedSeqOf(membership) !== undefined);
  const { heads } = await log.heads(present.map(({ channelId }) => channelId));
  const channels = present.map(
    ({ channelId, progress }) => [channelId, heads.get(channelId)?.head ?? 0, progress.version] as const,
  );
  const cursor = codec.complete(userId, { epoch: page.epoch, feed: page.version, channels });
  return { cursor, memberships: page.memberships, heads };
}
