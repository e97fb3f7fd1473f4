import type { Chat } from './chat.ts';
import type { ChatEvent } from './documents.ts';

// region bot
/** Answers each message once, however often the bot is started again: what it answers is the nonce of the answer. */
export async function answerOnce(
  { send }: Pick<Chat, 'send'>,
  { channelId, message }: ChatEvent,
  answerTo: (text: string) => string | undefined,
) {
  const text = message?.text ? answerTo(message.text) : undefined;
  if (message && channelId && text) await send({ channelId, text, nonce: `answer.${message.id}` });
}
// endregion
