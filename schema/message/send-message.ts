import { checkNonce } from '../channel/channel.policy.ts';
import { type ChannelId, type MessageId, placeOf } from '../ids.ts';
import { refusedByLimits } from '../operation-limits.ts';
import type { ViewerScope } from '../scope.ts';
import { clientNonce, type EventDraft, type StoredMessage } from '../stream/event.ts';
import type { Refusal } from '../verdict.ts';
import { deniedWhenBusy } from '../when-busy.ts';
import { canReply, canSend, checkLength, checkText } from './message.policy.ts';
import { standingIn, standingToReply } from './standing.ts';

export type SendMessageInput = {
  readonly channelId: ChannelId;
  readonly text: string;
  readonly nonce: string;
  readonly replyToId?: MessageId | null;
};
export type SendMessagePayload = { readonly message: StoredMessage; readonly deduplicated: boolean };

/**
 * Sends a message: when this answers, it is in the log. The same nonce again answers with the same message, for ever.
 * Denies with `RATE_LIMITED` or rejects with `UNAVAILABLE`: then it is to be repeated with the same nonce.
 */
export async function sendMessage(
  scope: ViewerScope,
  input: SendMessageInput,
): Promise<SendMessagePayload | Refusal> {
  const invalid = checkNonce(input.nonce) ?? checkText(input.text);
  if (invalid) return invalid;
  const { channelId } = input;
  const draft = draftOf(scope, input);
  const sending = scope.inOrder<Refusal | undefined, SendMessagePayload | Refusal>(
    { channelId, nonce: input.nonce },
    () => refusalOf(scope, input, draft),
    async (refusal) => refusal ?? record(scope, channelId, draft),
  );
  return deniedWhenBusy(scope, sending);
}

/** An empty id is one, too: that of nothing. */
const isReply = (replyToId: MessageId | null | undefined) => typeof replyToId === 'string';

function draftOf({ viewer }: ViewerScope, { text, nonce, replyToId }: SendMessageInput): EventDraft {
  const place = isReply(replyToId) ? placeOf(replyToId) : undefined;
  const draft = {
    kind: 'message.sent',
    authorId: viewer.id,
    nonce: clientNonce(nonce),
    body: text,
  } as const;
  return place ? { ...draft, refSeq: place.seq } : draft;
}

/** What is in the log was sent, whatever a rule or a limit says now: who was removed since must still learn that. */
async function refusalOf(
  scope: ViewerScope,
  { channelId, replyToId }: SendMessageInput,
  draft: EventDraft,
): Promise<Refusal | undefined> {
  const verdict = isReply(replyToId)
    ? canReply(await standingToReply(scope, channelId, replyToId))
    : canSend(await standingIn(scope, channelId));
  const refusal = verdict.allowed
    ? (checkLength(draft.body, scope.limits) ?? refusedByLimits(scope))
    : verdict;
  if (refusal === undefined) return undefined;
  const known = await scope.stream.history.findNonce(channelId, draft.authorId, draft.nonce);
  return known === undefined ? refusal : undefined;
}

async function record(
  { stream }: ViewerScope,
  channelId: ChannelId,
  draft: EventDraft,
): Promise<SendMessagePayload> {
  const { event, deduplicated } = await stream.record(channelId, draft);
  if (event.message === null) throw new Error('A sent message without its message.');
  return { message: event.message, deduplicated };
}
