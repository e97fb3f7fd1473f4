import { type KeyboardEvent, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { ListItem } from './list-items.ts';

type List = { readonly current: VirtualizerHandle | null };

/** Of all messages Tab leads to one; the arrow keys lead from there to the others, also to those that are not drawn yet. */
export function useCurrentBubble(items: readonly ListItem[], list: List) {
  const [key, setKey] = useState<string>();
  const isMoving = useRef(false);
  const scroller = useRef<HTMLElement>(null);
  const last = items.findLast(({ kind }) => kind === 'message');
  const found = key === undefined ? -1 : items.findIndex((item) => item.key === key);
  const index = found >= 0 ? found : last ? items.indexOf(last) : -1;

  useLayoutEffect(() => {
    if (!isMoving.current || key === undefined) return;
    isMoving.current = false;
    scroller.current
      ?.querySelector<HTMLElement>(`[data-message="${CSS.escape(key)}"]`)
      ?.focus({ preventScroll: true });
  }, [key]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      const bubble = event.target;
      if (!(bubble instanceof HTMLElement) || bubble.dataset.message === undefined) return;
      if (event.key === 'Enter') {
        event.preventDefault();
        bubble.parentElement?.querySelector<HTMLElement>('[aria-haspopup="menu"]')?.click();
        return;
      }
      const now = items.findIndex((item) => item.key === bubble.dataset.message);
      const next = { ArrowUp: now - 1, ArrowDown: now + 1, End: items.length - 1 }[event.key];
      const item = next === undefined ? undefined : items[next];
      if (next === undefined || item?.kind !== 'message') return;
      event.preventDefault();
      isMoving.current = true;
      scroller.current = event.currentTarget;
      setKey(item.key);
      list.current?.scrollToIndex(next, { align: 'nearest' });
    },
    [items, list],
  );
  return { currentKey: items[index]?.key, keepMounted: index < 0 ? [] : [index], onKeyDown };
}
