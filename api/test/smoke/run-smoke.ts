import type { Transform } from 'node:stream';
import type { LogName } from '../cluster/log-name.ts';
import { openClusterStage } from './cluster-stage.ts';
import type { History } from './history.ts';
import type { SmokeSize } from './plan.ts';
import { play } from './play.ts';
import { type OwnStage, openOneServer } from './stage.ts';

export type SmokeOptions = {
  readonly size: SmokeSize;
  readonly seed: number;
  readonly from: 'dist' | 'source';
  /** Absent: one server by itself. */
  readonly cluster?: { readonly servers: number; readonly isRedis: boolean; readonly log: LogName };
  /** Ends the run: everything is closed, and it rejects. */
  readonly signal: AbortSignal;
  /** Puts something between the server and its clients that breaks promises, to see that this is noticed. */
  readonly rewrite?: () => Transform;
  readonly onProgress: (words: string) => void;
};

export type SmokeRun = {
  readonly history: History;
  /** How often what happened to what runs. */
  readonly troubles: Readonly<Record<string, number>>;
  readonly seconds: number;
};

/** Runs people, devices and mischief against a server of its own, or several, and says what was recorded. Leaves nothing behind. */
export async function runSmoke(options: SmokeOptions): Promise<SmokeRun> {
  const closers: (() => Promise<unknown>)[] = [];
  const started = performance.now();
  try {
    const stage = await openStage(options, closers);
    const history = await play(stage, { ...options, mischief: options.rewrite ? 'none' : 'all' });
    const codes = await stage.stop();
    const wrong = codes.find((code) => code !== 0);
    if (wrong !== undefined) throw new Error(`A server ended with exit code ${wrong}.`);
    return { history, troubles: stage.troubles(), seconds: (performance.now() - started) / 1_000 };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

const openStage = (
  { cluster, ...options }: SmokeOptions,
  closers: (() => Promise<unknown>)[],
): Promise<OwnStage> =>
  cluster === undefined
    ? openOneServer({ ...options, closers })
    : openClusterStage({ ...options, ...cluster, closers });
