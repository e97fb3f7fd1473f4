import {
  type KeyboardEvent,
  lazy,
  type ReactElement,
  type Ref,
  Suspense,
  useDeferredValue,
  useRef,
  useState,
} from 'react';
import type { VirtualizerHandle } from 'virtua';
import { Icon } from '../design/icon.tsx';
import type { ListedChannelFragment } from '../gql/graphql.ts';
import type { Ask } from '../people/use-ask.ts';
import { ChannelRow } from './channel-row.tsx';

type Props = {
  readonly channels: readonly ListedChannelFragment[];
  readonly selectedId: string | undefined;
  /** Somebody looks for one: those that were put away are shown as well. */
  readonly isFiltered: boolean;
  readonly ask: Ask;
};
type Item = ListedChannelFragment | 'archived';

/** So many are drawn as they are. What more of them need is loaded when there are more. */
const fewRows = 100;
/** So many are there at first; the others follow when the browser has nothing better to do. */
const screenful = 12;
const ManyRows = lazy(() => import('./many-rows.tsx').then(({ ManyRows: it }) => ({ default: it })));

/** A thousand channels, of which those on the screen are there. */
export function ChannelRows({ channels, selectedId, isFiltered, ask }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const [focused, setFocused] = useState(-1);
  const [wanted, setWanted] = useState(-1);
  const handle = useRef<VirtualizerHandle>(null);
  const archived = channels.filter(({ viewerState }) => viewerState.isArchived);
  const isArchiveShown = isOpen || isFiltered;
  const items: readonly Item[] = [
    ...channels.filter(({ viewerState }) => !viewerState.isArchived),
    ...(archived.length > 0 ? (['archived'] as const) : []),
    ...(isArchiveShown ? archived : []),
  ];
  function moveFocus(event: KeyboardEvent<HTMLElement>): void {
    const next = nextOf(event, items.length);
    if (next === undefined) return;
    event.preventDefault();
    setWanted(next);
    handle.current?.scrollToIndex(next, { align: 'nearest' });
    focusSoon(event.currentTarget, next, 10);
  }
  const draw = (item: Item, at: number) =>
    item === 'archived' ? (
      <ArchiveButton
        key="archived"
        {...{ at, count: archived.length, isOpen: isArchiveShown, onToggle: () => setIsOpen(!isOpen) }}
      />
    ) : (
      <ChannelRow key={item.id} {...{ at, channel: item, isSelected: item.id === selectedId, ask }} />
    );
  return (
    <nav
      className="channel-list__rows"
      aria-label="Channels"
      onFocus={({ target }) => setFocused(indexOf(target))}
      onKeyDown={moveFocus}
    >
      <Rows rows={items.map(draw)} handle={handle} keepMounted={[focused, wanted].filter((at) => at >= 0)} />
    </nav>
  );
}

export type RowsProps = {
  readonly rows: readonly ReactElement[];
  readonly handle: Ref<VirtualizerHandle>;
  /** The rows that must be there though they cannot be seen. */
  readonly keepMounted: readonly number[];
};

function Rows(props: RowsProps) {
  const count = useDeferredValue(fewRows, screenful);
  const few = (
    <ul className="channel-list__few">
      {props.rows.slice(0, count).map((row) => (
        <li key={row.key}>{row}</li>
      ))}
    </ul>
  );
  if (props.rows.length <= fewRows) return few;
  return (
    <Suspense fallback={few}>
      <ManyRows {...props} />
    </Suspense>
  );
}

type ArchiveProps = {
  readonly at: number;
  readonly count: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
};

function ArchiveButton({ at, count, isOpen, onToggle }: ArchiveProps) {
  return (
    <button
      className="channel-list__archive"
      type="button"
      aria-expanded={isOpen}
      data-index={at}
      onClick={onToggle}
    >
      <Icon name="archive" />
      Archived
      <span className="channel-list__archive-count">{count}</span>
      <Icon name="down" />
    </button>
  );
}

const indexOf = (element: Element) =>
  Number(element.closest('[data-index]')?.getAttribute('data-index') ?? -1);

/** Where an arrow leads from there; undefined when it leads nowhere, or is meant for something else. */
function nextOf({ target, key }: KeyboardEvent<HTMLElement>, count: number): number | undefined {
  if (!(target instanceof Element) || target.closest('[role="menu"]')) return undefined;
  const now = indexOf(target);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: count - 1 }[key];
  return next === undefined || next < 0 || next >= count ? undefined : next;
}

/** A row far from what was drawn is there a frame later, and can have the focus when it has been measured, after some more. */
function focusSoon(list: HTMLElement, at: number, framesLeft: number): void {
  const row = list.querySelector<HTMLElement>(`[data-index="${at}"]`);
  const target = row?.querySelector('a') ?? row;
  target?.focus({ preventScroll: true });
  if (framesLeft > 0 && (!target || target !== document.activeElement))
    requestAnimationFrame(() => focusSoon(list, at, framesLeft - 1));
}
