import type { Frame } from './timeline-frame.ts';
import { appended, endOf, type Numbered, patched, prepended } from './timeline-window.ts';

/** The pages at both ends of the window, one at a time at each. */
export function createEnds<M extends Numbered>(frame: Frame<M>) {
  const { source, state, recent, set, ask } = frame;

  async function loadOlder(): Promise<void> {
    const { rows, hasOlder, older, whole } = state.get();
    const [first] = rows;
    if (!first || !hasOlder || older !== 'idle' || whole !== 'ready') return;
    set({ older: 'loading' });
    const onFailed = () => set({ older: 'failed' });
    const page = await ask(() => source.older(first), onFailed);
    if (!page) return;
    // The window has moved on meanwhile: the page does not stand beside it any more.
    if (state.get().rows[0]?.message.id !== first.message.id) return set({ older: 'idle' });
    frame.grewAt = 'start';
    set({ ...prepended(state.get(), patched(page, recent.apply)), older: 'idle' });
  }

  async function loadNewer(): Promise<void> {
    const { rows, hasNewer, newer, whole } = state.get();
    const last = rows.at(-1);
    if (!last || !hasNewer || newer !== 'idle' || whole !== 'ready') return;
    set({ newer: 'loading' });
    const onFailed = () => set({ newer: 'failed' });
    const page = await ask(() => source.newer(last), onFailed);
    if (!page) return;
    const before = state.get();
    if (before.rows.at(-1)?.message.id !== last.message.id) return set({ newer: 'idle' });
    const held = appended(before, patched(page, recent.apply));
    // With nothing new on it, there is no more to be seen, whatever was heard of.
    if (held.rows.length === before.rows.length) frame.newestNumber = endOf(held);
    frame.grewAt = 'end';
    set({ ...held, hasNewer: held.hasNewer || frame.isBehind(held), newer: 'idle' });
  }

  return { loadOlder, loadNewer };
}
