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

// region acknowledge
type Work = {
  /** Does what is to be done about an event. Rejects when that was not possible. */
  readonly work: (event: ChatEvent) => Promise<unknown>;
  /** Tells the server, by `acknowledgeEvents`. */
  readonly acknowledge: (cursors: readonly string[]) => Promise<unknown>;
};

/** First the work, then the word: one call at a time, and what comes meanwhile goes into the next. */
export function acknowledgeAfter({ work, acknowledge }: Work) {
  const waiting: ChatEvent[] = [];
  let working: Promise<void> | undefined;
  async function workThrough() {
    while (waiting.length > 0) {
      const events = waiting.splice(0);
      for (const event of events) await work(event);
      await acknowledge(events.map(({ cursor }) => cursor));
    }
  }
  /** When this rejects, end: what was not acknowledged comes again. */
  return (event: ChatEvent): Promise<void> => {
    waiting.push(event);
    working ??= workThrough().finally(() => {
      working = undefined;
    });
    return working;
  };
}
// endregion
