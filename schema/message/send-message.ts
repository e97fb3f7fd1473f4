import { checkNonce } from '../channel/channel.policy.ts';
import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import { clientNonce, type EventDraft, type StoredMessage } from '../stream/event.ts';
import type { Refusal, Verdict } from '../verdict.ts';
import { canSend, checkText } from './message.policy.ts';
import { standingIn } from './standing.ts';

export type SendMessageInput = {
  readonly channelId: ChannelId;
  readonly text: string;
  readonly nonce: string;
};
export type SendMessagePayload = { readonly message: StoredMessage; readonly deduplicated: boolean };

/**
 * Sends a message: when this answers, it is in the log. The same nonce again answers with the same message, for ever.
 * Rejects with `RATE_LIMITED` or `UNAVAILABLE`, both to be repeated with the same nonce.
 */
export async function sendMessage(
  scope: ViewerScope,
  input: SendMessageInput,
): Promise<SendMessagePayload | Refusal> {
  const invalid = checkNonce(input.nonce) ?? checkText(input.text, scope.limits);
  if (invalid) return invalid;
  const draft: EventDraft = {
    kind: 'message.sent',
    authorId: scope.viewer.id,
    nonce: clientNonce(input.nonce),
    body: input.text,
  };
  return scope.inOrder<Verdict, SendMessagePayload | Refusal>(
    input.channelId,
    () => mayRecord(scope, input.channelId, draft),
    async (verdict) => (verdict.allowed ? record(scope, input.channelId, draft) : verdict),
  );
}

/** What is in the log already was sent, whatever a rule says now: who was removed since must still learn that. */
async function mayRecord(scope: ViewerScope, channelId: ChannelId, draft: EventDraft): Promise<Verdict> {
  const verdict = canSend(await standingIn(scope, channelId));
  if (verdict.allowed) return verdict;
  const known = await scope.stream.history.findNonce(channelId, draft.authorId, draft.nonce);
  return known === undefined ? verdict : { allowed: true };
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
