import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { Icon } from './icon.tsx';
import { type MenuItem, MenuList, type MenuPlace } from './menu-list.tsx';
import './icon-button.css';
import './menu.css';

type Props = {
  /** The name of the button and of the list. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** What the button shows, no button itself; three dots when absent. */
  readonly trigger?: ReactNode;
  /** A right click or a long press in here opens it as well. */
  readonly within?: RefObject<HTMLElement | null>;
  /** For what has to be asked first, such as `viewerCan`. */
  readonly onOpen?: () => void;
};

/** A button with a list of what can be done. */
export function Menu({ label, items, trigger, within, onOpen }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState<MenuPlace>();
  const open = (at: MenuPlace) => {
    setPlace(at);
    onOpen?.();
  };
  useContextMenu(within, open);
  return (
    <>
      <button
        ref={button}
        className={trigger ? 'menu__trigger' : 'icon-button'}
        type="button"
        aria-label={label}
        title={trigger ? undefined : label}
        aria-haspopup="menu"
        aria-expanded={place !== undefined}
        onClick={({ currentTarget }) => open(placeUnder(currentTarget))}
      >
        {trigger ?? <Icon name="more" />}
      </button>
      {place && <MenuList label={label} items={items} place={place} onClose={() => setPlace(undefined)} />}
    </>
  );
}

function placeUnder(button: HTMLElement): MenuPlace {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  return { left, right, top, bottom };
}

function useContextMenu(within: RefObject<HTMLElement | null> | undefined, open: (at: MenuPlace) => void) {
  const latest = useRef(open);
  useEffect(() => {
    latest.current = open;
  });
  useEffect(() => {
    const element = within?.current;
    const onContextMenu = (event: MouseEvent) => {
      event.preventDefault();
      const { clientX: x, clientY: y } = event;
      latest.current({ left: x, right: x, top: y, bottom: y });
    };
    element?.addEventListener('contextmenu', onContextMenu);
    return () => element?.removeEventListener('contextmenu', onContextMenu);
  }, [within]);
}
