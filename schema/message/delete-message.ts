import type { MessageId } from '../ids.ts';
import { placeOf } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import { type StoredMessage, serverNonce } from '../stream/event.ts';
import { denied, type Refusal } from '../verdict.ts';
import { deniedWhenBusy } from '../when-busy.ts';
import { canDelete } from './message.policy.ts';
import { standingTowards } from './standing.ts';

export type DeleteMessageInput = { readonly messageId: MessageId };
export type DeleteMessagePayload = { readonly message: StoredMessage };

/** Deletes a message: its text is gone from every read and every replay. Repeating it answers the same. */
export async function deleteMessage(
  scope: ViewerScope,
  { messageId }: DeleteMessageInput,
): Promise<DeleteMessagePayload | Refusal> {
  const place = placeOf(messageId);
  if (place === undefined) return denied('NOT_FOUND');
  const { standing } = await standingTowards(scope, messageId);
  const verdict = canDelete(standing);
  const nonce = serverNonce(`delete:${place.seq}`);
  if (!verdict.allowed) {
    // Who deleted it before may have missed the answer.
    const known = await scope.stream.history.findNonce(place.channelId, scope.viewer.id, nonce);
    return known?.message ? { message: known.message } : verdict;
  }
  const recording = scope.stream.record(place.channelId, {
    kind: 'message.deleted',
    authorId: scope.viewer.id,
    nonce,
    body: '',
    refSeq: place.seq,
  });
  const recorded = await deniedWhenBusy(scope, recording);
  if ('allowed' in recorded) return recorded;
  if (recorded.event.message === null) throw new Error('A deletion without its message.');
  return { message: recorded.event.message };
}
