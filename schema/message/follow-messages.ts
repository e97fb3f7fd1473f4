import { viewerMembershipIn } from '../channel/channel.ts';
import { chatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { LogDelivery } from '../stream/delivery.ts';
import type { StoredMessage } from '../stream/event.ts';
import type { Reader } from '../stream/stream.ts';

export type FollowMessagesInput = { readonly channelId: ChannelId; readonly afterNumber?: number | null };

/** Ends with whoever asked; without that, never by itself. */
const never = new AbortController().signal;

/** The messages of one channel behind a number, then each new one. Throws `NOT_FOUND` for who is no member. */
export async function followMessages(
  scope: ViewerScope,
  { channelId, afterNumber }: FollowMessagesInput,
): Promise<Reader<LogDelivery>> {
  // By the viewer's own row, which brings the channel along: a channel that is there and one that is not cost the same.
  const membership = await viewerMembershipIn(scope, channelId);
  const wanted = {
    channelId,
    afterNumber: afterNumber ?? undefined,
    showsAll: membership?.channel.historyVisibility === 'ALL',
  };
  const reader =
    membership && (await scope.stream.followMessages(scope.viewer.id, wanted, scope.signal ?? never));
  if (reader === undefined) throw chatError('NOT_FOUND');
  return reader;
}

/** The message that an event of `followMessages` brings. */
export function messageIn({ event }: LogDelivery): StoredMessage {
  if (event.message === null) throw new Error('A sent message without its message.');
  return event.message;
}
