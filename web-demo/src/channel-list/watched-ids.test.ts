import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatchedIds } from './watched-ids.ts';

/** A page that somebody looks at, and what is subscribed to. */
function world(limit = 200) {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  const open = new Set<{ readonly ids: string; readonly onEnd: () => void }>();
  const opened: string[] = [];
  const watched = createWatchedIds({
    limit,
    open(ids, onEnd) {
      const one = { ids: ids.join(' '), onEnd };
      open.add(one);
      opened.push(one.ids);
      return () => void open.delete(one);
    },
  });
  return {
    watch: watched.watch,
    opened,
    open: () => [...open].map(({ ids }) => ids),
    end: () => {
      for (const one of [...open]) {
        open.delete(one);
        one.onEnd();
      }
    },
    look(visibilityState: 'visible' | 'hidden') {
      page.visibilityState = visibilityState;
      page.dispatchEvent(new Event('visibilitychange'));
      vi.advanceTimersByTime(300);
    },
  };
}
const settle = () => vi.advanceTimersByTime(300);

describe('what is on the screens', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is one subscription, whoever shows it, and another one only when something else is shown', () => {
    const { watch, open, opened } = world();
    const leave = watch(['b', 'a']);
    watch(['a']);
    settle();
    leave();
    watch(['b']);
    settle();
    expect([open(), opened]).toEqual([['a b'], ['a b']]);
  });

  it('ends when nothing is shown, and leaves no timer behind', () => {
    const { watch, open } = world();
    const leave = watch(['a']);
    settle();
    leave();
    settle();
    expect([open(), vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('is nothing while nobody looks, and all of it when somebody does again', () => {
    const { watch, open, look } = world();
    watch(['a']);
    settle();
    look('hidden');
    expect(open()).toEqual([]);
    look('visible');
    expect(open()).toEqual(['a']);
  });

  it('is what came last where it is more than one subscription may name', () => {
    const { watch, open } = world(2);
    watch(['a', 'b', 'c']);
    settle();
    expect(open()).toEqual(['b c']);
  });

  it('is asked for again some time after the server has ended it', () => {
    const { watch, open, end } = world();
    watch(['a']);
    settle();
    end();
    expect(open()).toEqual([]);
    vi.advanceTimersByTime(5_000);
    expect(open()).toEqual(['a']);
  });
});
