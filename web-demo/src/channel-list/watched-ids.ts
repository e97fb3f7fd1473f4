type Settings = {
  /** How many one subscription may name: `server { limits { presenceWatch } }`. */
  readonly limit: number;
  /** Subscribes to these. It is told by `onEnd` when that ended by itself. */
  open(ids: readonly string[], onEnd: () => void): () => void;
};
export type WatchedIds = {
  /** Somebody shows these, until the function that comes back is called. */
  watch(ids: readonly string[]): () => void;
};

type Watch = { readonly key: string; readonly close: () => void };

/** A list that is scrolled, or a screen that opens, changes many at once. */
const settleMs = 300;
/** What the server ended, for whatever reason, is asked for again not at once. */
const retryMs = 5_000;

/**
 * One subscription for all that the screens show, whoever shows it, and none while nobody looks. When others are shown, the next
 * one begins before the one before it ends.
 */
export function createWatchedIds({ limit, open }: Settings): WatchedIds {
  const watchers = new Map<string, number>();
  let current: Watch | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    timer = undefined;
    if (watchers.size === 0) document.removeEventListener('visibilitychange', settleSoon);
    // Those that came last are what is looked at now.
    const ids = document.visibilityState === 'visible' ? [...watchers.keys()].slice(-limit).sort() : [];
    const key = ids.join(' ');
    if (key === (current?.key ?? '')) return;
    const before = current;
    current = ids.length > 0 ? begin(key, ids) : undefined;
    before?.close();
  }
  function begin(key: string, ids: readonly string[]): Watch | undefined {
    let hasEnded = false;
    const watch = {
      key,
      close: open(ids, () => {
        hasEnded = true;
        if (current?.key !== key) return;
        current = undefined;
        settleIn(retryMs);
      }),
    };
    // It may have ended at once.
    if (hasEnded) settleIn(retryMs);
    return hasEnded ? undefined : watch;
  }
  function settleIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(settle, ms);
  }
  const settleSoon = () => settleIn(settleMs);

  function release(ids: readonly string[]): void {
    for (const id of ids) {
      const left = (watchers.get(id) ?? 0) - 1;
      if (left > 0) watchers.set(id, left);
      else watchers.delete(id);
    }
    settleSoon();
  }
  return {
    watch(ids) {
      if (watchers.size === 0) document.addEventListener('visibilitychange', settleSoon);
      for (const id of ids) watchers.set(id, (watchers.get(id) ?? 0) + 1);
      settleSoon();
      return () => release(ids);
    },
  };
}
