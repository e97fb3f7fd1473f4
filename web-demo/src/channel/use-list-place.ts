import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { isShifted, type ListItem } from './list-items.ts';
import type { Message } from './message.ts';
import type { TimelineState } from './timeline-frame.ts';
import type { Target } from './use-timeline.ts';

/** The room above the first item and below the last one; the same as in the style sheet. */
export const startMarginPx = 88;
const endMarginPx = 12;
const highlightMs = 2_000;

type Parts = {
  readonly state: TimelineState<Message>;
  readonly items: readonly ListItem[];
  readonly target: Target;
  /** Whether somebody has just turned away from the end, of which the browser tells a little later. */
  readonly hasLeftEnd: () => boolean;
};

/** Brings before the eyes what is wanted there, and keeps the list at its end when it is there. */
export function useListPlace({ state, items, target, hasLeftEnd }: Parts) {
  const list = useRef<VirtualizerHandle>(null);
  const isAtEnd = useRef(target.kind === 'end');
  const shown = useRef<readonly ListItem[]>([]);
  const isShift = isShifted(shown.current, items);
  const { highlighted, highlight } = useHighlight();
  useLayoutEffect(() => {
    shown.current = items;
  }, [items]);

  const stayAtEnd = useCallback(() => {
    if (isAtEnd.current && hasLeftEnd()) isAtEnd.current = false;
    if (isAtEnd.current)
      list.current?.scrollToIndex(shown.current.length - 1, { align: 'end', offset: endMarginPx });
  }, [hasLeftEnd]);
  const bring = useCallback(
    (wish: Target) => {
      isAtEnd.current = wish.kind === 'end';
      if (wish.kind === 'end') return stayAtEnd();
      const index = shown.current.findIndex(({ key }) => key === wish.messageId);
      // The first of the window is not shown before those above it are here.
      list.current?.scrollToIndex(Math.max(0, index), alignmentOf(wish));
      if (wish.kind === 'jump') highlight(wish.messageId);
    },
    [stayAtEnd, highlight],
  );

  useLayoutEffect(() => bring(target), [bring, target]);
  const { generation, anchorId } = state;
  const before = useRef(generation);
  useLayoutEffect(() => {
    if (before.current !== generation)
      bring(anchorId === undefined ? { kind: 'end' } : { kind: 'jump', messageId: anchorId });
    before.current = generation;
  }, [bring, generation, anchorId]);
  useLayoutEffect(() => {
    if (items.length > 0) stayAtEnd();
  }, [items, stayAtEnd]);

  return { list, shown, isAtEnd, isShift, highlighted, stayAtEnd };
}

function useHighlight() {
  const [highlighted, highlight] = useState<string>();
  useEffect(() => {
    if (highlighted === undefined) return;
    const timer = setTimeout(() => highlight(undefined), highlightMs);
    return () => clearTimeout(timer);
  }, [highlighted]);
  return { highlighted, highlight };
}

function alignmentOf(wish: Exclude<Target, { kind: 'end' }>) {
  if (wish.kind === 'jump') return { align: 'center' } as const;
  return { align: 'start', offset: wish.kind === 'place' ? wish.offset : -startMarginPx } as const;
}
