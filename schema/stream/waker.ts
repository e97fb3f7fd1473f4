import type { End } from './pulled-reader.ts';

/** Lets one reader wait for news. */
export type Waker = { onNews(): void; wait(): Promise<void> };

/** One waiting at most; news that arrives while nobody waits is remembered. The end is news too. */
export function createWaker(end: End): Waker {
  let hasNews = false;
  let wake: (() => void) | undefined;
  const onNews = () => {
    hasNews = true;
    wake?.();
  };
  end.whenOver(onNews);
  return {
    onNews,
    wait: () =>
      new Promise<void>((resolve) => {
        wake = () => {
          wake = undefined;
          hasNews = false;
          resolve();
        };
        if (hasNews || end.isOver()) wake();
      }),
  };
}
