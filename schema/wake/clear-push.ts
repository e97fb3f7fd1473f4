import { deviceIdOf, rowIdOf } from '../ids.ts';
import type { JobPayloads } from '../ports/jobs.ts';
import type { Product } from '../scope.ts';
import { addLooks } from './wake-rows.ts';

/**
 * Somebody has read a channel, or is in it no more: those of their devices that show something of it, or are just being told, are
 * looked at. `sendPush` takes away what is not to be seen any more.
 */
export async function clearPush(
  product: Product,
  { userId, channelId }: JobPayloads['clearPush'],
): Promise<void> {
  const { prisma, clock } = product;
  const now = clock.now();
  // In the order of the key, so that two who write never wait for each other.
  const rows = await prisma.$queryRaw<{ deviceId: bigint }[]>`
    WITH shown AS (
      SELECT w.device_id, w.channel_id FROM device_wake w JOIN push_endpoint e ON e.device_id = w.device_id
      WHERE e.user_id = ${rowIdOf.user(userId)} AND w.channel_id = ${rowIdOf.channel(channelId)}
        AND (w.pushed_number > w.cleared_number OR w.claimed_until > ${new Date(now)})
      ORDER BY w.device_id FOR UPDATE OF w
    )
    UPDATE device_wake w SET look_at = least(w.look_at, ${new Date(now)}::timestamptz) FROM shown s
    WHERE w.device_id = s.device_id AND w.channel_id = s.channel_id
    RETURNING w.device_id AS "deviceId"`;
  const looks = rows.map(({ deviceId }) => ({ deviceId: deviceIdOf(deviceId), at: now }));
  await addLooks(product, channelId, looks);
}
