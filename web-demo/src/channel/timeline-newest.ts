import type { Frame, NewestPage } from './timeline-frame.ts';
import { appended, endOf, isApart, type Numbered, patched, type Row } from './timeline-window.ts';

/** So often the newest page is asked for when it ends before what is known to be there; then the next event has to come. */
const maxTries = 3;

/**
 * The end that grows. An event may overtake a page that the server had made before it, so a page that ends too early is asked
 * for again.
 */
export function createNewest<M extends Numbered>(frame: Frame<M>, maxRows: number) {
  const { source, state, recent, set, ask } = frame;
  let isAtEnd = true;
  let catchingUp = 0;

  /** From the newest page on. `isFresh`: what is held is not good enough. */
  async function start(isFresh = false): Promise<void> {
    let best: NewestPage<M> | undefined;
    const onFailed = () =>
      best ? frame.replace({ ...best, hasNewer: true }, { newer: 'failed' }) : set({ whole: 'failed' });
    for (let tries = 0; tries < maxTries; tries++) {
      const page = await ask(() => source.newest(isFresh || tries > 0), onFailed);
      if (!page) return;
      best = page;
      frame.newestNumber = Math.max(frame.newestNumber, page.lastNumber);
      if (!frame.isBehind(page)) break;
    }
    if (!best) return;
    frame.newestNumber = endOf(best);
    frame.replace(best);
  }

  async function catchUp(): Promise<void> {
    const { generation } = state.get();
    if (catchingUp === generation) return;
    catchingUp = generation;
    const onFailed = () => set({ hasNewer: true, newer: 'failed' });
    const onOver = () => {
      if (catchingUp === generation) catchingUp = 0;
    };
    for (let tries = 0; tries < maxTries && frame.isBehind(state.get()); tries++) {
      const page = await ask(() => source.newest(true), onFailed);
      if (!page) return onOver();
      take(page);
    }
    onOver();
    // Whatever was heard of, the viewer is not to see it.
    if (frame.isBehind(state.get())) frame.newestNumber = endOf(state.get());
  }

  function take(page: NewestPage<M>): void {
    const held = state.get();
    if (held.hasNewer) return;
    frame.grewAt = 'end';
    if (held.rows.length === 0) set(patched(page, recent.apply));
    else if (isApart(held, page)) set({ hasNewer: true });
    else set({ ...appended(held, patched(page, recent.apply)), hasNewer: false });
  }

  /** Edited, deleted, or the same once more. */
  function onChanged(message: M): void {
    recent.add(message);
    const held = state.get();
    const next = patched(held, (row) => source.patch(row, message));
    if (next !== held) set({ rows: next.rows });
  }

  function onSent(message: M): void {
    const held = state.get();
    frame.newestNumber = Math.max(frame.newestNumber, message.number);
    if (held.whole !== 'ready' || held.hasNewer || message.number <= endOf(held)) onChanged(message);
    else if (message.number > endOf(held) + 1) void catchUp();
    // Whoever reads far above is not to lose what they look at: the new ones are loaded when they come down.
    else if (held.rows.length >= maxRows && !isAtEnd) set({ hasNewer: true });
    else append(message, held.rows);
  }

  function append(message: M, rows: readonly Row<M>[]): void {
    frame.grewAt = 'end';
    set({ rows: [...rows, { message: recent.apply(message), cursor: null }] });
  }

  return {
    start,
    onSent,
    onChanged,
    /** Whether its end is on the screen. */
    setAtEnd(isThere: boolean): void {
      isAtEnd = isThere;
    },
  };
}
