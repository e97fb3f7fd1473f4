import type { Readable } from '../sync/readable.ts';
import { createEnds } from './timeline-ends.ts';
import { createFrame, type Source, type TimelineState } from './timeline-frame.ts';
import { createNewest } from './timeline-newest.ts';
import { foundAt, type Numbered, type Place, trimmed } from './timeline-window.ts';

export type Timeline<M extends Numbered> = {
  readonly state: Readable<TimelineState<M>>;
  /** Begins: with the newest page, or where one wants to be. */
  open(place?: Place): Promise<void>;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Brings a message into the window; undefined when that did not work: the window is then as it was. */
  show(place: Place): Promise<M | undefined>;
  toNewest(): Promise<void>;
  onSent(message: M): void;
  /** Edited or deleted. */
  onChanged(message: M): void;
  /** Nothing of it is to be relied on any more. */
  onReset(): Promise<void>;
  /** Tries again what failed. */
  retry(): Promise<void>;
  /** Whether its end is on the screen. */
  setAtEnd(isThere: boolean): void;
  /**
   * Takes away what is too much. A list that is told of more and of less at once cannot keep its place, so this is a step of its
   * own, for after what is new has been shown. While the list is moving, it keeps its place only when what is taken away is below;
   * what is above waits until it rests, or until there is far too much.
   */
  trim(isResting: boolean): void;
  close(): void;
};

/** So many times as much as there may be, while the list has no rest: nobody scrolls through thousands without a pause. */
const patience = 10;

/**
 * The messages of one channel that are on the screen or near it: a window that moves over all of them, both ways. While it
 * reaches the newest, what is sent is appended to it. Nothing is in it twice, and nothing out of order.
 */
export function createTimeline<M extends Numbered>(source: Source<M>, maxRows = 600): Timeline<M> {
  const frame = createFrame(source);
  const { state, set } = frame;
  const { loadOlder, loadNewer } = createEnds(frame);
  const { start, ...newest } = createNewest(frame, maxRows);
  let wanted: Place | undefined;

  function begin(place?: Place): void {
    frame.drop();
    wanted = place;
    set({ whole: 'loading', older: 'idle', newer: 'idle' });
  }

  const startAgain = (isFresh?: boolean) => {
    begin();
    return start(isFresh);
  };

  async function goTo(place: Place): Promise<void> {
    const before = state.get();
    begin(place);
    const onFailed = () =>
      before.whole === 'ready'
        ? set({ whole: 'ready', hasNewer: before.hasNewer || frame.isBehind(state.get()) })
        : set({ whole: 'failed' });
    const page = await frame.ask(() => source.around(place), onFailed);
    if (!page) return;
    const hasNewer = page.hasNewer || frame.isBehind(page);
    frame.replace({ ...page, hasNewer }, { anchorId: foundAt({ ...page, hasNewer }, place)?.id });
  }

  return {
    state,
    open: (place) => (place ? goTo(place) : startAgain()),
    loadOlder,
    loadNewer,
    async show(place) {
      if (state.get().whole !== 'ready' || !foundAt(state.get(), place)) await goTo(place);
      return foundAt(state.get(), place);
    },
    async toNewest() {
      const { hasNewer, whole } = state.get();
      if (hasNewer || whole !== 'ready' || frame.isBehind(state.get())) await startAgain();
    },
    ...newest,
    onReset() {
      frame.newestNumber = 0;
      frame.recent.clear();
      return startAgain(true);
    },
    async retry() {
      const { whole, older, newer } = state.get();
      if (whole === 'failed') return wanted ? goTo(wanted) : startAgain();
      set({ ...(older === 'failed' && { older: 'idle' }), ...(newer === 'failed' && { newer: 'idle' }) });
      await Promise.all([older === 'failed' && loadOlder(), newer === 'failed' && loadNewer()]);
    },
    trim(isResting) {
      const most = isResting || frame.grewAt === 'start' ? maxRows : patience * maxRows;
      if (state.get().rows.length > most) set(trimmed(state.get(), frame.grewAt, maxRows));
    },
    close: frame.drop,
  };
}
