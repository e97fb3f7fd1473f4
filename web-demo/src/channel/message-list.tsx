import { useCallback, useMemo } from 'react';
import { Virtualizer } from 'virtua';
import { useOutbox } from '../chat/chat-context.tsx';
import { EmptyState } from '../design/empty-state.tsx';
import { JumpButton } from './jump-button.tsx';
import { HeightContext, ListBody } from './list-body.tsx';
import { EndOfList, StartOfList } from './list-ends.tsx';
import { itemsOf, type ListItem } from './list-items.ts';
import type { Message } from './message.ts';
import { MessageRow } from './message-row.tsx';
import { OutgoingBubble } from './outgoing-bubble.tsx';
import type { Timeline } from './timeline.ts';
import type { TimelineState } from './timeline-frame.ts';
import { useCurrentBubble } from './use-current-bubble.ts';
import { startMarginPx } from './use-list-place.ts';
import { useListPosition } from './use-list-position.ts';
import { useMarkRead, WatchContext } from './use-mark-read.ts';
import type { Channel, Target } from './use-timeline.ts';
import './message-list.css';

type Props = {
  readonly channel: Channel;
  readonly title: string;
  readonly viewerId: string;
  readonly timeline: Timeline<Message>;
  readonly state: TimelineState<Message>;
  readonly target: Target;
  readonly unreadFrom: number | undefined;
  readonly onToEnd: () => void;
};

/** The messages of a channel. Only those on the screen are drawn, of however many there are. */
export function MessageList(props: Props) {
  const { channel, title, timeline, state, target, onToEnd } = props;
  const items = useItems(props);
  const position = useListPosition({ channelId: channel.id, timeline, state, items, target });
  const current = useCurrentBubble(items, position.list);
  const watch = useWatch(channel, position.scroller);
  const onRetry = () => void timeline.retry();
  return (
    <WatchContext value={watch}>
      <div className="message-list">
        <div
          ref={position.scroller}
          className="message-list__scroller"
          role="log"
          aria-live="off"
          aria-label={`Messages in ${title}`}
          onKeyDown={current.onKeyDown}
          {...position.touched}
        >
          {items.length === 0 && !state.hasOlder ? (
            <div className="message-list__empty">
              <EmptyState title="Say hello">Nothing has been said here yet.</EmptyState>
            </div>
          ) : (
            <StartOfList state={state} title={title} isGroup={channel.kind === 'GROUP'} onRetry={onRetry} />
          )}
          <HeightContext value={position.hold}>
            <Rows {...props} items={items} position={position} current={current} />
          </HeightContext>
          <EndOfList state={state} onRetry={onRetry} />
        </div>
        <JumpButton
          isShown={position.isFar || state.hasNewer}
          unreadCount={channel.viewerState.unreadCount}
          onClick={onToEnd}
        />
      </div>
    </WatchContext>
  );
}

type RowsProps = Props & {
  readonly items: readonly ListItem[];
  readonly position: ReturnType<typeof useListPosition>;
  readonly current: ReturnType<typeof useCurrentBubble>;
};

function Rows({ channel, viewerId, state, items, position, current }: RowsProps) {
  return (
    <Virtualizer
      key={state.generation}
      ref={position.list}
      data={items}
      shift={position.isShift}
      startMargin={startMarginPx}
      bufferSize={900}
      keepMounted={current.keepMounted}
      onScroll={position.onScroll}
      onScrollEnd={position.onScrollEnd}
      onResize={position.hold}
      as={ListBody}
    >
      {(item) => (
        <Item
          key={item.key}
          item={item}
          viewerId={viewerId}
          isGroup={channel.kind === 'GROUP'}
          isHighlighted={item.key === position.highlighted}
          isCurrent={item.key === current.currentKey}
        />
      )}
    </Virtualizer>
  );
}

function useItems({ channel, viewerId, state, unreadFrom }: Props): ListItem[] {
  const outgoing = useOutbox(channel.id);
  const { rows, hasOlder, hasNewer } = state;
  return useMemo(
    () => itemsOf({ rows, hasOlder, hasNewer, outgoing, viewerId, unreadFrom }),
    [rows, hasOlder, hasNewer, outgoing, viewerId, unreadFrom],
  );
}

function useWatch({ id, viewerState }: Channel, scroller: { readonly current: Element | null }) {
  const root = useCallback(() => scroller.current, [scroller]);
  const { member, isMarkedUnread } = viewerState;
  return useMarkRead({ channelId: id, readNumber: member.readNumber ?? 0, isMarkedUnread }, root);
}

type ItemProps = {
  readonly item: ListItem;
  readonly viewerId: string;
  readonly isGroup: boolean;
  readonly isHighlighted: boolean;
  readonly isCurrent: boolean;
};

function Item({ item, viewerId, isGroup, isHighlighted, isCurrent }: ItemProps) {
  if (item.kind === 'outgoing')
    return (
      <div className={`message-row${item.isFirstOfGroup ? ' message-row--first' : ''}`}>
        <OutgoingBubble outgoing={item.outgoing} answered={item.answered} />
      </div>
    );
  const { message, isFirstOfDay, isFirstUnread, isFirstOfGroup } = item;
  return (
    <MessageRow
      message={message}
      isFirstOfDay={isFirstOfDay}
      isFirstUnread={isFirstUnread}
      isFirstOfGroup={isFirstOfGroup}
      isOwn={message.author?.id === viewerId}
      isGroup={isGroup}
      isHighlighted={isHighlighted}
      isCurrent={isCurrent}
    />
  );
}
