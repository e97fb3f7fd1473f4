import { harmless } from './links.ts';
import type { Message } from './message.ts';
import './reply-quote.css';

type Props = {
  readonly answered: NonNullable<Message['replyTo']> | null;
  readonly onClick?: (() => void) | undefined;
};

/** One line says enough. */
const maxCharacters = 200;

/** The message that is answered, in a line. Null: it cannot be seen. */
export function ReplyQuote({ answered, onClick }: Props) {
  const name = answered ? (answered.author?.displayName ?? 'System') : '';
  const text = answered?.text;
  const words = (
    <>
      {answered && (
        <bdi className="reply-quote__name" dir="auto">
          {name}
        </bdi>
      )}
      <span className={`reply-quote__text${text ? '' : ' reply-quote__text--gone'}`} dir="auto">
        {text ? harmless(text.slice(0, maxCharacters)) : answered ? 'Deleted message' : 'An earlier message'}
      </span>
    </>
  );
  if (!answered || !onClick) return <div className="reply-quote">{words}</div>;
  return (
    <button className="reply-quote" type="button" onClick={onClick} title="Show this message">
      <span className="visually-hidden">In reply to </span>
      {words}
    </button>
  );
}
