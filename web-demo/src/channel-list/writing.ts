export type Writer = { readonly id: string; readonly displayName: string };
type Writing = Writer & { readonly until: number };

/** Who goes on writing says it again before. */
const goodForMs = 6_000;
const lookMs = 1_000;
const nobody: readonly Writer[] = [];

/** Who writes where, as far as one was told: of each six seconds at most. */
export function createWriting() {
  const writing = new Map<string, readonly Writing[]>();
  const listeners = new Set<() => void>();
  let isLooking = false;

  function set(channelId: string, writers: readonly Writing[]): void {
    if (writers.length > 0) writing.set(channelId, writers);
    else writing.delete(channelId);
    lookAgain();
    for (const listener of listeners) listener();
  }
  /** Each second while there are any. */
  function lookAgain(): void {
    if (isLooking || writing.size === 0) return;
    isLooking = true;
    setTimeout(endLate, lookMs);
  }
  function endLate(): void {
    const now = Date.now();
    isLooking = false;
    lookAgain();
    for (const [channelId, writers] of [...writing]) {
      const left = writers.filter(({ until }) => now < until);
      if (left.length < writers.length) set(channelId, left);
    }
  }
  const others = (channelId: string, userId: string) =>
    (writing.get(channelId) ?? []).filter(({ id }) => id !== userId);
  return {
    begin: (channelId: string, { id, displayName }: Writer): void =>
      set(channelId, [...others(channelId, id), { id, displayName, until: Date.now() + goodForMs }]),
    end(channelId: string, userId: string): void {
      if (writing.get(channelId)?.some(({ id }) => id === userId)) set(channelId, others(channelId, userId));
    },
    /** The same list as long as nothing changes in it. */
    get: (channelId: string): readonly Writer[] => writing.get(channelId) ?? nobody,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
