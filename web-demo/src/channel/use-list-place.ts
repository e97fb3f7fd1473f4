import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { isShifted, type ListItem } from './list-items.ts';
import type { Message } from './message.ts';
import type { TimelineState } from './timeline-frame.ts';
import { belowOf, placedMs } from './use-near-pages.ts';
import type { Target } from './use-timeline.ts';

/** The room above the first item; the same as in the style sheet. */
export const startMarginPx = 88;
/** So near to its end the list counts as being there, and stays there when something is added. */
const nearPx = 48;
const highlightMs = 2_000;

type Parts = {
  readonly state: TimelineState<Message>;
  readonly items: readonly ListItem[];
  readonly target: Target;
  readonly scroller: RefObject<HTMLElement | null>;
  /** It is held no more: where it stands by now decides what comes next. */
  readonly onFree: () => void;
};

/**
 * Brings before the eyes what is wanted there, and holds it there while what is around it is being measured. `scrollToIndex` would
 * pull back whoever turns away meanwhile, so this holds by itself: the end until somebody turns away from it, any other place until
 * somebody touches the list.
 */
export function useListPlace({ state, items, target, scroller, onFree }: Parts) {
  const list = useRef<VirtualizerHandle>(null);
  const shown = useRef<readonly ListItem[]>([]);
  const isShift = isShifted(shown.current, items);
  const { highlighted, highlight } = useHighlight();
  useLayoutEffect(() => {
    shown.current = items;
  }, [items]);

  const topOf = useCallback((wish: Target) => topIn(list.current, shown.current, wish), []);
  const { held, keep, hold, release, onMove } = useHold(scroller, { topOf, onFree });
  const bring = useCallback(
    (wish: Target) => {
      keep(wish);
      if (wish.kind === 'jump') highlight(wish.messageId);
    },
    [keep, highlight],
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
    if (items.length > 0) hold();
  }, [items, hold]);

  const isAtEnd = useCallback(() => held.current?.kind === 'end', [held]);
  return { list, shown, isAtEnd, isShift, highlighted, hold, release, onMove };
}

type Holding = Pick<Parts, 'onFree'> & { readonly topOf: (wish: Target) => number };

/** What the list is held at; nothing, when it stands where somebody has moved it to. */
function useHold(scroller: RefObject<HTMLElement | null>, { topOf, onFree }: Holding) {
  const held = useRef<Target>(undefined);
  /** Where it was when the browser last told, or was put last. What grows moves nothing; what shrinks leaves it at its end. */
  const toldTop = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const hold = useCallback(() => {
    const [element, wish] = [scroller.current, held.current];
    if (!element || !wish) return;
    const hasLeftEnd = element.scrollTop < toldTop.current && belowOf(element) > nearPx;
    // The browser tells of it a little later.
    if (wish.kind === 'end' && hasLeftEnd) held.current = undefined;
    else element.scrollTop = topOf(wish);
    toldTop.current = element.scrollTop;
  }, [scroller, topOf]);

  /** The list has moved, by itself or by somebody. */
  const onMove = useCallback(
    (hasNewer: boolean) => {
      const element = scroller.current;
      if (!element) return;
      held.current = heldNow(held.current, element, { hasNewer, before: toldTop.current });
      toldTop.current = element.scrollTop;
    },
    [scroller],
  );
  const release = useCallback(() => {
    clearTimeout(timer.current);
    if (held.current === undefined || held.current.kind === 'end') return;
    held.current = undefined;
    onFree();
  }, [onFree]);
  const keep = useCallback(
    (wish: Target) => {
      clearTimeout(timer.current);
      held.current = wish;
      toldTop.current = 0; // whatever it did before, it has not left this
      if (wish.kind !== 'end') timer.current = setTimeout(release, placedMs);
      hold();
    },
    [hold, release],
  );
  return { held, keep, hold, release, onMove };
}

type Moved = { readonly hasNewer: boolean; readonly before: number };

/** Who comes to the end is kept there, when it is that of the channel, too; who goes back from it is not. */
function heldNow(held: Target | undefined, element: HTMLElement, { hasNewer, before }: Moved) {
  if (held !== undefined && held.kind !== 'end') return held;
  if (!hasNewer && belowOf(element) < nearPx) return held ?? ({ kind: 'end' } as const);
  return hasNewer || element.scrollTop < before ? undefined : held;
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

/** Where the list stands when this is before the eyes; the browser brings too much back to its end. */
function topIn(list: VirtualizerHandle | null, items: readonly ListItem[], wish: Target): number {
  if (wish.kind === 'end') return Number.MAX_SAFE_INTEGER;
  if (!list) return 0;
  // The first of the window is not shown before those above it are here.
  const index = Math.max(
    0,
    items.findIndex(({ key }) => key === wish.messageId),
  );
  const top = list.getItemOffset(index);
  if (wish.kind === 'unread') return top;
  if (wish.kind === 'place') return top + startMarginPx + wish.offset;
  return top + startMarginPx + (list.getItemSize(index) - list.viewportSize) / 2;
}
