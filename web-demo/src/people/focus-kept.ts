import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Who acts on something may take it away by that, a row or a button: what had the focus is gone then, and whoever uses the keyboard
 * begins again at the top of the page. `next` says who has it instead. It is asked before the element is gone.
 */
export function useFocusKept<E extends HTMLElement>(
  next: (leaving: E) => HTMLElement | null | undefined,
): RefObject<E | null> {
  const place = useRef<E>(null);
  const latest = useRef(next);
  useLayoutEffect(() => {
    const shown = place.current;
    return () => {
      if (shown?.contains(document.activeElement)) latest.current(shown)?.focus({ preventScroll: true });
    };
  }, []);
  return place;
}

/** The heading of the list that it stands in; of people who were searched, the field that says what for. */
export const headingOf = (leaving: HTMLElement): HTMLElement | null | undefined =>
  leaving.closest('section')?.querySelector<HTMLElement>(':is(h1, h2)[tabindex]') ??
  leaving.closest('.screen')?.querySelector<HTMLElement>('search input');

/** The button behind it, or else the one before it, in the same group. */
export const buttonBeside = (leaving: HTMLElement): HTMLElement | null | undefined => {
  const others = [...(leaving.parentElement?.querySelectorAll<HTMLElement>('button:enabled') ?? [])];
  const isBehind = (one: HTMLElement) =>
    (leaving.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const left = others.filter((one) => !leaving.contains(one));
  return left.find(isBehind) ?? left.at(-1);
};
