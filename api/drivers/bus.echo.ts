import type { Clock } from '../../schema/ports/clock.ts';

/** So often a process speaks to itself, in milliseconds. */
const everyMs = 1_000;
/**
 * So many times it may have spoken since what it heard last: 3 s. Counted, not measured, so that a process which stood still itself
 * does not take that for a silence of others.
 */
const unheardMost = 3;

type Settings = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Says a number to this process, the way every hint goes. */
  readonly say: (count: number) => void;
  /** Nothing comes back although the connection looks well. */
  readonly onSilence: () => void;
  /** How long a number was on its way, in milliseconds. */
  readonly onEcho: (ms: number) => void;
};

/**
 * Notices a connection that is half open: the other side has forgotten it, or stands still, and nobody closes it. Only a bus that
 * hears its own voice can be believed when it says nothing.
 */
export function createEcho({ clock, signal, say, onSilence, onEcho }: Settings) {
  /** When each of the numbers was said that have not been heard. */
  const saidAt = new Map<number, number>();
  let said = 0;
  let tell: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    tell = resolve;
  });

  return {
    /** Resolves when it has heard itself for the first time. */
    first,
    /** Speaks until the signal; resolves then. */
    async run(): Promise<void> {
      while (!signal.aborted) {
        said += 1;
        saidAt.set(said, clock.now());
        say(said);
        await clock.sleep(everyMs, signal);
        if (signal.aborted || saidAt.size < unheardMost) continue;
        saidAt.clear();
        onSilence();
      }
    },
    hear(count: unknown): void {
      const at = typeof count === 'number' ? saidAt.get(count) : undefined;
      if (at === undefined) return;
      // What was said before and is not here yet is lost: hints do not overtake each other.
      for (const older of saidAt.keys()) if (older <= Number(count)) saidAt.delete(older);
      onEcho(clock.now() - at);
      tell();
    },
  };
}
