import { type Channel, channelsOf } from '../channel/channel.ts';
import { type ChannelId, rowIdOf, type UserId, userIdOf } from '../ids.ts';
import { canSend } from '../message/message.policy.ts';
import { standingIn } from '../message/standing.ts';
import type { ViewerScope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';

export type SetTypingInput = { readonly channelId: ChannelId; readonly isTyping: boolean };
export type SetTypingPayload = { readonly channel: Channel };

/**
 * Tells those who look at a channel that the viewer writes in it, or has stopped. Nothing is kept. Who is invisible is not seen
 * writing, either, and nobody is over a block.
 */
export async function setTyping(
  scope: ViewerScope,
  { channelId, isTyping }: SetTypingInput,
): Promise<SetTypingPayload | Denied> {
  const verdict = canSend(await standingIn(scope, channelId));
  if (!verdict.allowed) return verdict;
  const { isInvisible, hiddenFrom } = await audienceOf(scope, channelId);
  if (!isInvisible) scope.typing.tell({ channelId, userId: scope.viewer.id, isTyping, hiddenFrom });
  // Who was removed meanwhile is not shown the channel any more.
  const [channel] = await channelsOf(scope, [channelId]);
  return channel === undefined ? denied('NOT_FOUND') : { channel };
}

type Row = { readonly isInvisible: boolean; readonly hidden: bigint[] };
type Audience = { readonly isInvisible: boolean; readonly hiddenFrom: readonly UserId[] };

/** Who of the members is not to know. */
async function audienceOf({ prisma, viewer }: ViewerScope, channelId: ChannelId): Promise<Audience> {
  const [row] = await prisma.$queryRaw<Row[]>`
    SELECT u.is_invisible AS "isInvisible", ARRAY (
      SELECT m.user_id FROM member m
      LEFT JOIN contact mine ON mine.user_id = u.id AND mine.other_id = m.user_id
      LEFT JOIN contact theirs ON theirs.user_id = m.user_id AND theirs.other_id = u.id
      WHERE m.channel_id = ${rowIdOf.channel(channelId)} AND m.state = 'ACTIVE'
        AND (mine.is_blocked OR theirs.is_blocked)
    ) AS hidden
    FROM user_account u WHERE u.id = ${rowIdOf.user(viewer.id)}`;
  if (row === undefined) throw new Error('The row of a viewer is missing.');
  return { isInvisible: row.isInvisible, hiddenFrom: row.hidden.map(userIdOf) };
}
