import { setTimeout as pause } from 'node:timers/promises';
import type { LogName } from '../cluster/log-name.ts';
import { check } from './check/check.ts';
import { type Summary, summaryOf } from './check/summary.ts';
import type { Verdict } from './check/verdict.ts';
import type { Line } from './history.ts';
import { openLoad } from './load/open-load.ts';
import type { Load, Size } from './load/options.ts';
import { pushLines } from './push-lines.ts';
import { type ChaosStage, openChaosStage } from './stage.ts';
import { crashesIn } from './trouble/crash-faults.ts';
import type { Fault } from './trouble/fault.ts';
import { makeTrouble } from './trouble/make-trouble.ts';

export type ChaosOptions = {
  readonly from: 'dist' | 'source';
  readonly log: LogName;
  readonly servers: number;
  readonly workers: number;
  readonly size: Partial<Size>;
  readonly seed: number;
  /** So long something breaks now and then. */
  readonly ms: number;
  readonly faults: readonly Fault[];
  /** For Node, at every start of a server or worker: how a seeded bug gets into them. */
  readonly nodeOptions?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether what processes hold is compared with what they held before: that takes a minute more. */
  readonly comparesResources: boolean;
  /** Told every line besides, in the order in which they came. */
  readonly onLine?: (line: Line) => void;
  /** Ends the run: everything is closed, and it rejects. */
  readonly signal: AbortSignal;
  readonly onProgress: (words: string) => void;
  /** Each line of the log of a process. */
  readonly onLog?: (line: string) => void;
};

export type ChaosRun = Summary & {
  readonly verdict: Verdict;
  /** How often each kind of fault happened, and how often a process died at each crash point. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly crashes: Readonly<Record<string, number>>;
  readonly seconds: number;
};

/** Servers keep for a minute what nobody follows any more. In milliseconds. */
const letGoMs = 70_000;
/** Before the first fault everybody is connected, and speaks. */
const calmMs = 3_000;

/** Plays people against a cluster of its own while things break, then reads everything back and judges it. Leaves nothing behind. */
export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const closers: (() => Promise<unknown>)[] = [];
  const started = performance.now();
  const now = () => performance.now() - started;
  const lines: Line[] = [];
  const write = (line: Line) => {
    lines.push(line);
    options.onLine?.(line);
  };
  try {
    const stage = await openChaosStage({ ...options, now, closers });
    const kinds = await play({ stage, write, now, options, closers });
    // What a push service took is known at the end only.
    const verdict = check(lines.sort((a, b) => a.t - b.t));
    const seconds = Math.round(now() / 1_000);
    return { ...summaryOf(lines, verdict), verdict, kinds, crashes: crashesIn(lines), seconds };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

type Playing = {
  readonly stage: ChaosStage;
  readonly write: (line: Line) => void;
  readonly now: () => number;
  readonly options: ChaosOptions;
  readonly closers: (() => Promise<unknown>)[];
};

async function play({ stage, write, now, options, closers }: Playing): Promise<Record<string, number>> {
  const { seed, size, signal, onProgress, comparesResources } = options;
  const writeAll = (some: readonly Line[]) => some.forEach(write);
  if (comparesResources) writeAll(await stage.resources('baseline'));
  const { endpoints, web: push } = stage;
  const load = await openLoad({ endpoints, seed, size, write, now, signal, onProgress, push });
  closers.push(load.close);
  load.start();
  const kinds = await trouble({ load, stage, write, now }, options);
  onProgress(`${load.acked()} messages are acknowledged; everything is whole again.`);
  await load.stop();
  await load.settle();
  await load.finish();
  writeAll(await stage.found());
  writeAll(pushLines(stage.web, load, now));
  await load.close();
  if (comparesResources) {
    await pause(letGoMs, undefined, { signal });
    writeAll(await stage.resources('final'));
  }
  return kinds;
}

async function trouble(
  played: { readonly load: Load } & Pick<Playing, 'stage' | 'write' | 'now'>,
  { seed, ms, faults, signal, onProgress }: ChaosOptions,
): Promise<Record<string, number>> {
  await pause(calmMs, undefined, { signal });
  const { counts, skipped } = await makeTrouble({ ...played, seed, ms, faults, signal, onProgress });
  for (const words of skipped) onProgress(`did not happen: ${words}`);
  await pause(calmMs, undefined, { signal });
  return { ...counts };
}
