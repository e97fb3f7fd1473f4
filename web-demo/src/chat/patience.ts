const waiting = new Set<() => void>();

/** Nobody waits any longer: the network is back, or somebody looks at the page again. */
export const comeBackNow = (): void => {
  for (const go of [...waiting]) go();
};

/** Half a second at first, half a minute at most, and never the same for two clients. */
export async function waitBefore(attempt: number, signal?: AbortSignal): Promise<void> {
  const upToMs = Math.min(30_000, 1_000 * 2 ** attempt);
  let go: () => void = () => undefined;
  const called = new Promise<void>((resolve) => {
    go = resolve;
  });
  const timer = setTimeout(go, upToMs * (0.5 + Math.random() / 2));
  waiting.add(go);
  signal?.addEventListener('abort', go);
  if (!signal?.aborted) await called;
  signal?.removeEventListener('abort', go);
  waiting.delete(go);
  clearTimeout(timer);
}
