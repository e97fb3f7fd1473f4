import type { PoolClient } from 'pg';
import { type ChannelId, rowIdOf, type UserId } from '../../schema/ids.ts';
import type { FeedMoved, OwnState } from '../../schema/ports/memberships.ts';
import { type FeedRow, movedOf } from './memberships.change.ts';

/** Whoever changes a membership holds this lock, so the member stays one until the end of the transaction. */
const lockUser = 'SELECT id FROM user_account WHERE id = $1 FOR NO KEY UPDATE';

/** `$4`: is a new end of the muting given? Null would be one: for good. `$8` says the same of the level, of which null is one too. */
const writeOwn = `WITH written AS (
    UPDATE member SET feed_version = u.feed_version + 1,
      is_muted = coalesce($3, is_muted),
      muted_until = CASE WHEN $4 THEN to_timestamp($5::double precision / 1000) ELSE muted_until END,
      is_archived = coalesce($6, is_archived), is_marked_unread = coalesce($7, is_marked_unread),
      notification_level = CASE WHEN $8 THEN $9::notification_level ELSE notification_level END
    FROM user_account u
    WHERE u.id = $1 AND member.user_id = u.id AND member.channel_id = $2 AND member.state = 'ACTIVE'
    RETURNING member.user_id
  )
  UPDATE user_account u SET feed_version = u.feed_version + 1 FROM written w WHERE u.id = w.user_id
  RETURNING u.id, u.feed_version`;

/** See `Memberships.changeOwn`. */
export async function changeOwnState(
  client: PoolClient,
  { userId, channelId }: { readonly userId: UserId; readonly channelId: ChannelId },
  { isMuted, mutedUntil, isArchived, isMarkedUnread, notificationLevel }: Partial<OwnState>,
): Promise<FeedMoved | undefined> {
  const user = rowIdOf.user(userId);
  await client.query(lockUser, [user]);
  const values = [
    user,
    rowIdOf.channel(channelId),
    isMuted ?? null,
    mutedUntil !== undefined,
    mutedUntil ?? null,
    isArchived ?? null,
    isMarkedUnread ?? null,
    notificationLevel !== undefined,
    notificationLevel ?? null,
  ];
  const [row] = (await client.query<FeedRow>(writeOwn, values)).rows;
  return row && movedOf(row);
}
