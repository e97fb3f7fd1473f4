import { channelsOf } from '../channel/channel.ts';
import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { type Denied, denied } from '../verdict.ts';
import type { ViewerStateChanged } from '../viewer-state/viewer-state.ts';

export type MarkReadInput = { readonly channelId: ChannelId; readonly number: number };
export type MarkReadPayload = ViewerStateChanged;

/**
 * The viewer has read everything up to a message. What is read stays read: a smaller number than before changes nothing, and one
 * beyond the newest message means that one. Whoever reads in a channel has come back to it, so their mark on it goes.
 */
export async function markRead(
  scope: ViewerScope,
  { channelId, number }: MarkReadInput,
): Promise<MarkReadPayload | Denied> {
  const { stream, viewer } = scope;
  const [membership] = await stream.memberships.of(viewer.id, [channelId]);
  if (joinedSeqOf(membership) === undefined) return denied('NOT_FOUND');
  await stream.mark(channelId, viewer.id, { read: number });
  if (membership?.own.isMarkedUnread) await stream.changeOwn(viewer.id, channelId, { isMarkedUnread: false });
  // Who was removed meanwhile is not shown the channel any more.
  const [channel] = await channelsOf(scope, [channelId]);
  return channel === undefined ? denied('NOT_FOUND') : { channel, viewer };
}
