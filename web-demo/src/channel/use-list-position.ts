import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { ListItem } from './list-items.ts';
import type { Message } from './message.ts';
import type { Timeline } from './timeline.ts';
import type { TimelineState } from './timeline-frame.ts';
import { startMarginPx, useListPlace } from './use-list-place.ts';
import { belowOf, useNearPages } from './use-near-pages.ts';
import { leaveAt, type Target } from './use-timeline.ts';

/** So far away from it there is a button to come back. */
const farPx = 400;

type Parts = {
  readonly channelId: string;
  readonly timeline: Timeline<Message>;
  readonly state: TimelineState<Message>;
  readonly items: readonly ListItem[];
  readonly target: Target;
};

/** Where the list stands, and what it needs there: it keeps its place whatever is added or taken away, unless it is at its end. */
export function useListPosition({ channelId, timeline, state, items, target }: Parts) {
  const scroller = useRef<HTMLDivElement>(null);
  const look = useRef(() => {});
  const onFree = useCallback(() => look.current(), []);
  const place = useListPlace({ state, items, target, scroller, onFree });
  const { list, shown, isAtEnd, release, onMove: onMoved } = place;
  const { onMove, onRest } = useNearPages({ timeline, state, scroller });
  const [isFar, setFar] = useState(false);

  useLayoutEffect(() => {
    const [element, virtualizer] = [scroller.current, list];
    return () =>
      leaveAt(channelId, isAtEnd() ? undefined : placeIn(element, virtualizer.current, shown.current));
  }, [channelId, list, isAtEnd, shown]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    // The lower end of a window that does not reach the newest is a place like any other.
    onMoved(timeline.state.get().hasNewer);
    timeline.setAtEnd(isAtEnd());
    setFar(belowOf(element) > farPx);
    onMove();
  }, [timeline, isAtEnd, onMoved, onMove]);
  useLayoutEffect(() => {
    look.current = onScroll;
  }, [onScroll]);

  return { ...place, scroller, isFar, onScroll, onScrollEnd: onRest, touched: touchedBy(release) };
}

/** All by which somebody moves the list. */
const touchedBy = (release: () => void) => ({
  onKeyDownCapture: release,
  onPointerDown: release,
  onTouchMove: release,
  onWheel: release,
});

/** The first message on the screen, and how much of it is above. */
function placeIn(element: HTMLElement | null, list: VirtualizerHandle | null, items: readonly ListItem[]) {
  if (!element || !list) return undefined;
  const index = list.findItemIndex(list.scrollOffset);
  const item = items[index];
  if (item?.kind !== 'message') return undefined;
  const offset = list.scrollOffset - startMarginPx - list.getItemOffset(index);
  return { number: item.message.number, offset };
}
