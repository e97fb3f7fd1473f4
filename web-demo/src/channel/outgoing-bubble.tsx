import { memo } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { refusalWords } from '../design/refusal.tsx';
import { clockOf } from '../design/times.ts';
import type { OutgoingMessage } from '../sync/outbox.ts';
import type { Message } from './message.ts';
import { MessageText } from './message-text.tsx';
import { ReplyQuote } from './reply-quote.tsx';

const words = { waiting: 'Waiting to be sent', sending: 'Sending', refused: 'Not sent' } as const;

type Props = { readonly outgoing: OutgoingMessage; readonly answered: Message | undefined };

/** A message that the server does not have yet. */
export const OutgoingBubble = memo(function OutgoingBubble({ outgoing, answered }: Props) {
  const { state, text, queuedAt } = outgoing;
  return (
    <div className="bubble__line bubble__line--own bubble__line--outgoing">
      <article className={`bubble bubble--own bubble--${state}`}>
        <bdi className="visually-hidden">You</bdi>
        {outgoing.replyToId && <ReplyQuote answered={answered ?? null} />}
        <MessageText text={text} />
        <footer className="bubble__foot">
          {clockOf(new Date(queuedAt).toISOString())}
          <span className="bubble__state" title={words[state]}>
            <Icon name={state === 'refused' ? 'alert' : 'clock'} />
            <span className="visually-hidden">{words[state]}</span>
          </span>
        </footer>
      </article>
      {state === 'refused' && <Refused outgoing={outgoing} />}
    </div>
  );
});

function Refused({ outgoing: { nonce, refusal } }: { readonly outgoing: OutgoingMessage }) {
  const { outbox } = useChat();
  return (
    <div className="bubble__refused" role="alert">
      <span>Not sent. {refusal && refusalWords(refusal)}</span>
      <Button onClick={() => outbox.retry(nonce)}>Try again</Button>
      <Button onClick={() => outbox.discard(nonce)}>Discard</Button>
    </div>
  );
}
