/** So many statements of one call are on their way at once: enough to keep a node busy, and no more than it has threads. */
const mostAtOnce = 32;

/** Does something with each of them, some at once, and answers in their order. */
export async function eachAtOnce<T, R>(all: readonly T[], each: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  const places = all.entries();
  const work = async () => {
    for (const [place, one] of places) answers[place] = await each(one);
  };
  await Promise.all(all.slice(0, mostAtOnce).map(work));
  return answers;
}

type Turn<R> = { readonly running: Promise<R>; next?: Promise<R> };

/**
 * Shares reads that ask for the same. Who asks while one is on its way joins the one behind it, and not that one itself: it may
 * have passed already what the one who asks has been told of. So there are two of a kind at most, however many ask.
 */
export function createSharedReads<R>() {
  const turns = new Map<string, Turn<R>>();
  const start = (key: string, read: () => Promise<R>): Promise<R> => {
    const running = read().finally(() => {
      if (turns.get(key)?.next === undefined) turns.delete(key);
    });
    turns.set(key, { running });
    return running;
  };
  return (key: string, read: () => Promise<R>): Promise<R> => {
    const turn = turns.get(key);
    if (turn === undefined) return start(key, read);
    turn.next ??= turn.running.then(
      () => start(key, read),
      () => start(key, read),
    );
    return turn.next;
  };
}
