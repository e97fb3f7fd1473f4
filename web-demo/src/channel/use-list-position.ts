import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { ListItem } from './list-items.ts';
import type { Message } from './message.ts';
import type { Timeline } from './timeline.ts';
import type { TimelineState } from './timeline-frame.ts';
import { startMarginPx, useListPlace } from './use-list-place.ts';
import { belowOf, useNearPages } from './use-near-pages.ts';
import { leaveAt, type Target } from './use-timeline.ts';

/** So near to its end the list counts as being there, and stays there when something is added. */
const nearPx = 48;
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
  /** Where it was when the browser last told. What grows moves nothing; what shrinks leaves it at its end. */
  const toldTop = useRef(0);
  const hasLeftEnd = useCallback(() => {
    const element = scroller.current;
    return element !== null && element.scrollTop < toldTop.current && belowOf(element) > nearPx;
  }, []);
  const { list, shown, isAtEnd, stayAtEnd, ...place } = useListPlace({ state, items, target, hasLeftEnd });
  const { onMove, onRest } = useNearPages({ timeline, state, scroller });
  const [isFar, setFar] = useState(false);

  useLayoutEffect(() => {
    const [element, virtualizer] = [scroller.current, list];
    return () =>
      leaveAt(channelId, isAtEnd.current ? undefined : placeIn(element, virtualizer.current, shown.current));
  }, [channelId, list, isAtEnd, shown]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    toldTop.current = element.scrollTop;
    // The lower end of a window that does not reach the newest is a place like any other.
    isAtEnd.current = belowOf(element) < nearPx && !timeline.state.get().hasNewer;
    timeline.setAtEnd(isAtEnd.current);
    setFar(belowOf(element) > farPx);
    onMove();
  }, [timeline, isAtEnd, onMove]);

  return { scroller, list, isFar, onScroll, onScrollEnd: onRest, onResize: stayAtEnd, ...place };
}

/** The first message on the screen, and how much of it is above. */
function placeIn(element: HTMLElement | null, list: VirtualizerHandle | null, items: readonly ListItem[]) {
  if (!element || !list) return undefined;
  const index = list.findItemIndex(list.scrollOffset);
  const item = items[index];
  if (item?.kind !== 'message') return undefined;
  const offset = list.scrollOffset - startMarginPx - list.getItemOffset(index);
  return { number: item.message.number, offset };
}
