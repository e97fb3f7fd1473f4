import type { Bus, Interruption } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Platform } from '../ports/platform.ts';

/**
 * Each loop, in milliseconds. What others left in the outbox is found within 2 s; a lost hint costs at most 2 s where a cache of heads
 * tells of it, and 30 s elsewhere (promise G6). Hints are lost for those whose look at the log failed, so a failed check is soon
 * repeated.
 */
const everyMs = {
  sweep: 1_000,
  tick: 5_000,
  look: 2_000,
  check: 15_000,
  checkJitter: 15_000,
  retry: 2_000,
} as const;

type UpkeepSettings = {
  readonly clock: Clock;
  readonly bus: Pick<Bus, 'onInterrupted'>;
  readonly logger: Platform['logger'];
  /** 0 to 1: two processes that look at everything at the same moment help nobody. */
  readonly jitter: () => number;
  /** Works the outbox. */
  readonly sweep: () => Promise<void>;
  /** Compares everything open with the truth: because it is time, or because hints may have been lost. */
  readonly check: (cause: 'poll' | Interruption) => Promise<void>;
  /** Looks into the cache of heads for what no hint told; absent where there is none. */
  readonly look?: (() => Promise<void>) | undefined;
  /** Lets readers notice the time. */
  readonly tick: () => void;
};

/** What a process does by itself, now and then, until it is closed. A pass that fails is logged and tried again at the next. */
export function createUpkeep({ clock, bus, logger, jitter, sweep, check, look, tick }: UpkeepSettings): {
  close(): Promise<void>;
} {
  const end = new AbortController();

  /** True when it went well. */
  async function attempt(what: string, work: () => Promise<void> | void): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (failure) {
      logger.warn({ err: failure }, `${what} failed and is tried again`);
      return false;
    }
  }
  async function repeat(
    what: string,
    pauseMs: () => number,
    work: () => Promise<void> | void,
  ): Promise<void> {
    let isWell = true;
    while (!end.signal.aborted) {
      const usualMs = pauseMs();
      await clock.sleep(isWell ? usualMs : Math.min(usualMs, everyMs.retry), end.signal);
      if (!end.signal.aborted) isWell = await attempt(what, work);
    }
  }

  /** How hints were lost that nobody has made up for yet. */
  let lost: Interruption | undefined;
  let repairing: Promise<void> | undefined;
  /** At once; and, as long as it fails, soon again: this is no time to wait for the regular check. */
  async function repair(): Promise<void> {
    while (lost !== undefined && !end.signal.aborted) {
      const how = lost;
      lost = undefined;
      if (await attempt('the check after an interruption', () => check(how))) continue;
      lost ??= how;
      await clock.sleep(everyMs.retry, end.signal);
    }
    repairing = undefined;
  }
  const stopListening = bus.onInterrupted((how) => {
    lost = how;
    repairing ??= repair();
  });
  const loops = [
    repeat('working the outbox', () => everyMs.sweep, sweep),
    repeat('the checkpoint by time', () => everyMs.tick, tick),
    repeat(
      'the check of heads',
      () => everyMs.check + jitter() * everyMs.checkJitter,
      () => check('poll'),
    ),
  ];
  if (look !== undefined) loops.push(repeat('the look at cached heads', () => everyMs.look, look));
  return {
    async close() {
      stopListening();
      end.abort();
      await Promise.all([...loops, repairing]);
    },
  };
}
