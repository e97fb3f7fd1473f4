import { randomUUID } from 'node:crypto';
import type { MessageId, Seq } from '../ids.ts';
import { StaleRevisionError } from '../ports/event-log.ts';
import type { ViewerScope } from '../scope.ts';
import { type EventDraft, type StoredMessage, serverNonce } from '../stream/event.ts';
import { type Denied, denied, type Refusal } from '../verdict.ts';
import { deniedWhenBusy } from '../when-busy.ts';
import { canEdit, canOverwrite, checkLength, checkText } from './message.policy.ts';
import { standingTowards } from './standing.ts';

export type EditMessageInput = {
  readonly messageId: MessageId;
  readonly text: string;
  readonly ifRevision?: Seq | null;
};
export type EditMessagePayload = { readonly message: StoredMessage };

/** Changes the text of a message of the viewer's own. The same text again changes nothing, so a lost answer can be asked for again. */
export async function editMessage(
  scope: ViewerScope,
  input: EditMessageInput,
): Promise<EditMessagePayload | Refusal> {
  const { messageId, text } = input;
  const invalid = checkText(text) ?? checkLength(text, scope.limits);
  if (invalid) return invalid;
  const { standing, message } = await standingTowards(scope, messageId);
  const verdict = canEdit(standing);
  if (!verdict.allowed) return verdict;
  if (message === undefined) return denied('NOT_FOUND');
  return outcomeOf(message, input) ?? deniedWhenBusy(scope, record(scope, message, input));
}

/** What follows from the message as it is: it says that already, or may not be overwritten. Undefined when it is to be edited. */
function outcomeOf(
  message: StoredMessage,
  { text, ifRevision }: EditMessageInput,
): EditMessagePayload | Denied | undefined {
  if (message.text === text) return { message };
  const verdict = canOverwrite(message.revision, ifRevision);
  return verdict.allowed ? undefined : verdict;
}

async function record(
  { stream, viewer }: ViewerScope,
  { channelId, seq }: StoredMessage,
  input: EditMessageInput,
): Promise<EditMessagePayload | Denied> {
  const { text, ifRevision } = input;
  const draft: EventDraft = {
    kind: 'message.edited',
    authorId: viewer.id,
    nonce: serverNonce(`edit:${randomUUID()}`),
    body: text,
    refSeq: seq,
    ...(typeof ifRevision === 'number' && { ifRevision }),
  };
  try {
    const { event } = await stream.record(channelId, draft);
    // A deletion that came first wins, whichever was asked for first.
    if (event.message === null || event.message.deletedAt !== null) return denied('ALREADY_DELETED');
    return { message: event.message };
  } catch (failure) {
    if (!(failure instanceof StaleRevisionError)) throw failure;
    // Somebody was quicker. The same edit, sent twice at once, is one.
    const [now] = await stream.history.messagesAt([{ channelId, seq }]);
    if (now?.text === null) return denied('ALREADY_DELETED');
    return (now && outcomeOf(now, input)) ?? denied('STALE');
  }
}
