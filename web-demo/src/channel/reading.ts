type Parts = {
  /** Says so to the server. Whether it has heard. */
  readonly mark: (number: number) => Promise<boolean>;
  /** Whether somebody looks at this window: it is on the screen, and has the focus. */
  readonly isLooking: () => boolean;
  /** Up to where the viewer has read, also on other devices. */
  readonly readNumber: () => number;
  /** Marked to be come back to: looking at it says that they have. */
  readonly isMarkedUnread: boolean;
  /** Calls back after the pause. */
  readonly pause: (next: () => void) => () => void;
};

/** Marks as read what was really on the screen while somebody looked, and never more than that. */
export function createReading({ mark, isLooking, readNumber, isMarkedUnread, pause }: Parts) {
  const visible = new Map<unknown, number>();
  let seen = 0;
  let marked = 0;
  let isRemembered = isMarkedUnread;
  let endPause: (() => void) | undefined;
  let isMarking = false;

  async function work(): Promise<void> {
    const isNew = seen > Math.max(readNumber(), marked) || (isRemembered && seen > 0);
    if (!isNew || isMarking || endPause) return;
    isMarking = true;
    const number = seen;
    endPause = pause(() => {
      endPause = undefined;
      void work();
    });
    const isHeard = await mark(number);
    isMarking = false;
    if (isHeard) [isRemembered, marked] = [false, number];
    // Not heard: the next look tries again, and so does a connection that comes back. Nothing hammers meanwhile.
    if (isHeard && seen > number) void work();
  }

  function look(): void {
    if (!isLooking()) return;
    for (const number of visible.values()) seen = Math.max(seen, number);
    void work();
  }

  return {
    look,
    onVisible(what: unknown, number: number): void {
      visible.set(what, number);
      look();
    },
    onHidden: (what: unknown): void => void visible.delete(what),
    close: (): void => endPause?.(),
  };
}
