import { randomUUID } from 'node:crypto';
import type { MessageId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import { type StoredMessage, serverNonce } from '../stream/event.ts';
import { denied, type Refusal } from '../verdict.ts';
import { canEdit, checkLength, checkText } from './message.policy.ts';
import { standingTowards } from './standing.ts';
import { deniedWhenBusy } from './when-busy.ts';

export type EditMessageInput = { readonly messageId: MessageId; readonly text: string };
export type EditMessagePayload = { readonly message: StoredMessage };

/** Changes the text of a message of the viewer's own. The same text again changes nothing. */
export async function editMessage(
  scope: ViewerScope,
  { messageId, text }: EditMessageInput,
): Promise<EditMessagePayload | Refusal> {
  const invalid = checkText(text) ?? checkLength(text, scope.limits);
  if (invalid) return invalid;
  const { standing, message } = await standingTowards(scope, messageId);
  const verdict = canEdit(standing);
  if (!verdict.allowed) return verdict;
  if (message === undefined) return denied('NOT_FOUND');
  if (message.text === text) return { message };
  const recording = scope.stream.record(message.channelId, {
    kind: 'message.edited',
    authorId: scope.viewer.id,
    nonce: serverNonce(`edit:${randomUUID()}`),
    body: text,
    refSeq: message.seq,
  });
  const recorded = await deniedWhenBusy(scope, recording);
  if ('allowed' in recorded) return recorded;
  const { event } = recorded;
  // A deletion that came first wins, whichever was asked for first.
  if (event.message === null || event.message.deletedAt !== null) return denied('ALREADY_DELETED');
  return { message: event.message };
}
