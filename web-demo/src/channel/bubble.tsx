import { memo, useRef } from 'react';
import { clockOf, fullTimeOf } from '../design/times.ts';
import { useChannelActions } from './channel-context.tsx';
import type { Message } from './message.ts';
import { MessageMenu } from './message-menu.tsx';
import { MessageState } from './message-state.tsx';
import { MessageText } from './message-text.tsx';
import { ReplyQuote } from './reply-quote.tsx';
import { useWatched } from './use-mark-read.ts';
import './bubble.css';

type Props = {
  readonly message: Message;
  readonly isOwn: boolean;
  /** Its name stands above it. */
  readonly isNamed: boolean;
  readonly isHighlighted: boolean;
  /** Tab leads to it; the arrow keys lead on. */
  readonly isCurrent: boolean;
};

/** One message. */
export const Bubble = memo(function Bubble({ message, isOwn, isNamed, isHighlighted, isCurrent }: Props) {
  const bubble = useRef<HTMLElement>(null);
  const watched = useWatched(message.number);
  const kind = `${isOwn ? ' bubble--own' : ''}${message.deletedAt ? ' bubble--deleted' : ''}`;
  return (
    <div
      className={`bubble__line${isOwn ? ' bubble__line--own' : ''}${isHighlighted ? ' bubble__line--highlighted' : ''}`}
      ref={watched}
    >
      <article
        ref={bubble}
        className={`bubble${kind}`}
        tabIndex={isCurrent ? 0 : -1}
        data-message={message.id}
        data-number={message.number}
      >
        <Author message={message} isOwn={isOwn} isNamed={isNamed} />
        <Body message={message} />
        <Foot message={message} isOwn={isOwn} />
      </article>
      <div className="bubble__menu">
        <MessageMenu message={message} within={bubble} />
      </div>
    </div>
  );
});

function Author({ message, isOwn, isNamed }: Pick<Props, 'message' | 'isOwn' | 'isNamed'>) {
  const name = isOwn ? 'You' : (message.author?.displayName ?? 'System');
  return (
    <bdi className={isNamed ? 'bubble__author' : 'visually-hidden'} dir="auto">
      {name}
    </bdi>
  );
}

function Body({ message }: { readonly message: Message }) {
  const { jumpTo } = useChannelActions();
  if (message.deletedAt) return <p className="bubble__tombstone">This message was deleted.</p>;
  const { replyTo, replyToNumber } = message;
  return (
    <>
      {replyToNumber !== null && (
        <ReplyQuote answered={replyTo} onClick={replyTo ? () => jumpTo(replyTo.id) : undefined} />
      )}
      <MessageText text={message.text ?? ''} />
    </>
  );
}

function Foot({ message, isOwn }: Pick<Props, 'message' | 'isOwn'>) {
  const { createdAt, editedAt, deletedAt, number } = message;
  return (
    <footer className="bubble__foot">
      {editedAt && !deletedAt && <span title={fullTimeOf(editedAt)}>edited</span>}
      <time dateTime={createdAt} title={fullTimeOf(createdAt)}>
        {clockOf(createdAt)}
      </time>
      {isOwn && !deletedAt && <MessageState number={number} />}
    </footer>
  );
}
