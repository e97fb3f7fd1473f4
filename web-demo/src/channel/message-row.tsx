import { memo } from 'react';
import { Avatar } from '../design/avatar.tsx';
import { dayOf } from '../design/times.ts';
import { Bubble } from './bubble.tsx';
import type { Placing } from './list-items.ts';
import type { Message } from './message.ts';
import './message-row.css';

type Props = Placing & {
  readonly message: Message;
  readonly isOwn: boolean;
  /** With picture and name beside what others say. */
  readonly isGroup: boolean;
  readonly isHighlighted: boolean;
  readonly isCurrent: boolean;
};

/** A message with what stands above it: the line of its day, the line before what is unread. */
export const MessageRow = memo(function MessageRow(props: Props) {
  const { message, isOwn, isGroup, isFirstOfGroup, isFirstOfDay, isFirstUnread } = props;
  const isNamed = isGroup && !isOwn && isFirstOfGroup;
  return (
    <div className={`message-row${isFirstOfGroup ? ' message-row--first' : ''}`}>
      {isFirstOfDay && <DayLine at={message.createdAt} />}
      {isFirstUnread && (
        <div className="message-row__unread">
          <span>New messages</span>
        </div>
      )}
      <div className="message-row__line">
        {isGroup && !isOwn && (
          <div className="message-row__avatar">
            {isNamed && message.author && (
              <Avatar name={message.author.displayName} colour={message.author.colour} size="small" />
            )}
          </div>
        )}
        <Bubble
          message={message}
          isOwn={isOwn}
          isNamed={isNamed}
          isHighlighted={props.isHighlighted}
          isCurrent={props.isCurrent}
        />
      </div>
    </div>
  );
});

function DayLine({ at }: { readonly at: string }) {
  const day = dayOf(at, Date.now());
  return (
    <div className="message-row__day">
      <time dateTime={at.slice(0, 10)}>{`${day.charAt(0).toUpperCase()}${day.slice(1)}`}</time>
    </div>
  );
}
