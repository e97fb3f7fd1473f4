import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { Message } from './message.ts';
import type { Timeline } from './timeline.ts';
import type { TimelineState } from './timeline-frame.ts';

/** So early the next page is asked for. */
const loadPx = 1_500;
/** A new list has found its place by then; a page that came in before that would push it away. */
export const placedMs = 300;
/** Nobody who has paused for so long is still scrolling. */
const restMs = 800;

export const belowOf = ({ scrollHeight, clientHeight, scrollTop }: HTMLElement): number =>
  scrollHeight - clientHeight - scrollTop;

type Parts = {
  readonly timeline: Timeline<Message>;
  readonly state: TimelineState<Message>;
  readonly scroller: RefObject<HTMLElement | null>;
};

/** Asks for the pages that the list comes near to, and gives up those that it has left far behind. */
export function useNearPages({ timeline, state, scroller }: Parts) {
  /** Of which list it is known that it has found its place. */
  const placed = useRef<number>(undefined);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);

  const loadNear = useCallback(() => {
    const element = scroller.current;
    if (!element || placed.current !== timeline.state.get().generation) return;
    if (element.scrollTop < loadPx) void timeline.loadOlder();
    if (belowOf(element) < loadPx) void timeline.loadNewer();
  }, [timeline, scroller]);

  const { generation } = state;
  useLayoutEffect(() => {
    const timer = setTimeout(() => {
      placed.current = generation;
      loadNear();
    }, placedMs);
    return () => clearTimeout(timer);
  }, [generation, loadNear]);
  useLayoutEffect(() => {
    // What is asked for answers with another state, so this ends when there is nothing to ask for.
    if (state.whole === 'ready') loadNear();
    timeline.trim(false);
  }, [state, loadNear, timeline]);
  useEffect(() => () => clearTimeout(rest.current), []);

  return {
    onMove: useCallback(() => {
      clearTimeout(rest.current);
      loadNear();
    }, [loadNear]),
    onRest: useCallback(() => {
      clearTimeout(rest.current);
      rest.current = setTimeout(() => timeline.trim(true), restMs);
    }, [timeline]),
  };
}
