// region patience
const waiting = new Set<() => void>();
/** For the moment when the browser says `online`, or the app comes to the front: nobody waits any longer. */
export const comeBackNow = () => {
  for (const go of waiting) go();
};

/** Half a second at first, half a minute at most, and never the same for two clients. */
export async function waitBefore(attempt: number, signal?: AbortSignal) {
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

/**
 * Asks again until there is an answer. Repeating a nonce never sends twice. A refusal is an answer too, unless it says
 * from when on trying again makes sense.
 */
export async function untilAnswered<Answer extends object>(
  ask: () => Promise<Answer | undefined>,
  attempts = 1_000,
): Promise<Answer> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const answer = await ask().catch(() => undefined);
    if (answer && !('until' in answer && answer.until)) return answer;
    await waitBefore(attempt);
  }
  throw new Error('There was no answer.');
}
// endregion

// region follow
/** Subscribes again whenever a subscription has ended. `subscribeOnce` resolves then, with whether anything had come. */
export async function follow(subscribeOnce: () => Promise<boolean>, signal: AbortSignal) {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    if (await subscribeOnce()) attempt = 0;
    await waitBefore(attempt, signal);
  }
}
// endregion
