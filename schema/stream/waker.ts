/** Lets one reader wait for news. */
export type Waker = { onNews(): void; wait(): Promise<void> };

/** One waiting at most; news that arrives while nobody waits is remembered. The end is news too. */
export function createWaker(end: AbortSignal): Waker {
  let hasNews = false;
  let wake: (() => void) | undefined;
  const onNews = () => {
    hasNews = true;
    wake?.();
  };
  end.addEventListener('abort', onNews, { once: true });
  return {
    onNews,
    async wait() {
      if (!hasNews && !end.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      wake = undefined;
      hasNews = false;
    },
  };
}
