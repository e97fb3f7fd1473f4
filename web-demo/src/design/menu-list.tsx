import { type KeyboardEvent, useLayoutEffect, useRef } from 'react';
import { Icon, type IconName } from './icon.tsx';

export type MenuItem = {
  readonly label: string;
  readonly icon?: IconName;
  readonly onSelect: () => void;
  readonly isDisabled?: boolean | undefined;
  /** Why it cannot be chosen. */
  readonly reason?: string | null | undefined;
  readonly isDanger?: boolean;
};
/** What it opens at: a button, or a point. */
export type MenuPlace = {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
};

type Props = {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly place: MenuPlace;
  readonly onClose: () => void;
};

/** The open list. A popover of the browser: above everything, closed by Escape and by a press elsewhere. */
export function MenuList({ label, items, place, onClose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const shown = list.current;
    if (!shown) return;
    shown.showPopover();
    putAt(shown, place);
    shown.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }, [place]);
  return (
    <div
      ref={list}
      className="menu"
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={moveFocus}
      onToggle={(event) => event.newState === 'closed' && onClose()}
    >
      {items.map((item) => (
        <Item key={item.label} item={item} onChosen={() => list.current?.hidePopover()} />
      ))}
    </div>
  );
}

function Item({ item, onChosen }: { readonly item: MenuItem; readonly onChosen: () => void }) {
  const { label, icon, onSelect, isDisabled, reason, isDanger } = item;
  return (
    <button
      className={`menu__item${isDanger ? ' menu__item--danger' : ''}`}
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-disabled={isDisabled || undefined}
      onClick={() => {
        if (isDisabled) return;
        // First closed, so that the focus is back where it was before something else takes it.
        onChosen();
        onSelect();
      }}
    >
      {icon && <Icon name={icon} />}
      <span className="menu__words">
        {label}
        {isDisabled && reason && <span className="menu__reason">{reason}</span>}
      </span>
    </button>
  );
}

const marginPx = 8;

/** Below, at the end of what it belongs to; above, or moved aside, where there is no room. */
function putAt(list: HTMLElement, { left, right, top, bottom }: MenuPlace): void {
  const { width, height } = list.getBoundingClientRect();
  const isFlipped = bottom + height + marginPx > innerHeight && top - height - marginPx > 0;
  const y = isFlipped ? top - height - 4 : Math.min(bottom + 4, innerHeight - height - marginPx);
  const isRightAligned = right !== left && (left + right) / 2 > innerWidth / 2;
  const x = isRightAligned ? right - width : left;
  list.style.top = `${Math.max(marginPx, y)}px`;
  list.style.left = `${Math.max(marginPx, Math.min(x, innerWidth - width - marginPx))}px`;
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitem"]')];
  const now = items.findIndex((item) => item.matches(':focus'));
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === 'Tab') event.currentTarget.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items.at(next % items.length)?.focus();
}
