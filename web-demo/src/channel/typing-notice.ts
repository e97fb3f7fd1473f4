/** Says that somebody writes here: at the first key, and again every 3 s as long as there are more. */
export function createTypingNotice(say: (isTyping: boolean) => void, now: () => number) {
  let saidAt: number | undefined;
  return {
    onKey(): void {
      if (saidAt !== undefined && now() - saidAt < 3_000) return;
      saidAt = now();
      say(true);
    },
    /** The text was taken back, or its screen is left. */
    onStop(): void {
      if (saidAt !== undefined) say(false);
      saidAt = undefined;
    },
    /** The message says it. */
    onSent(): void {
      saidAt = undefined;
    },
  };
}
