import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogName } from '../cluster/log-name.ts';
import { createRandom } from '../smoke/random.ts';
import { type Cast, makeCast, type Size } from './cast.ts';
import { live } from './deeds.ts';
import { keepDoor } from './door.ts';
import { gatherPushes } from './gather.ts';
import type { History, Message } from './history.ts';
import { type Bounds, type Finding, judge, type Report, untoldIn } from './judge.ts';
import { makeTrouble, type Troubles } from './mischief.ts';
import { openStage, type Stage } from './stage.ts';
import { talk } from './talk.ts';

export type OracleOptions = {
  readonly size: Size;
  readonly seed: number;
  readonly from: 'dist' | 'source';
  readonly log: LogName;
  readonly perSecond: number;
  readonly hasTrouble: boolean;
  /** Ends the run: everything is closed, and it rejects. */
  readonly signal: AbortSignal;
  readonly onProgress: (words: string) => void;
  readonly onFinding: (finding: Finding) => void;
};

export type OracleRun = Report & {
  readonly messages: number;
  readonly troubles: Troubles;
  readonly seconds: number;
};

/**
 * A due message is told within this. The longest way: the worker dies that has the job, or Redis with all jobs; the sweep finds
 * the row that has nobody 15 seconds after its time, at most 60 seconds later; and its worker may have died as well.
 */
const bounds: Bounds = { withinMs: 120_000 };
/** How often it is looked whether everything has been told, in milliseconds. */
const lookMs = 5_000;

/** Plays people against a cluster of its own, and judges what reached the push services. Leaves nothing behind. */
export async function runOracle(options: OracleOptions): Promise<OracleRun> {
  const closers: (() => Promise<unknown>)[] = [];
  const started = performance.now();
  try {
    const { from, log, onProgress } = options;
    const stage = await openStage({ from, log, servers: 2, workers: 2, onProgress, closers });
    const troubles: Troubles = { workers: 0, redis: 0, postgres: 0, services: 0 };
    const history = await play(stage, options, troubles);
    const problems = stage.web.problems;
    if (problems.length > 0) throw new Error(`A push was not as the standards want it: ${problems[0]}`);
    const report = judge(history, bounds, options.onFinding);
    const seconds = Math.round((performance.now() - started) / 1_000);
    return { ...report, messages: history.messages.length, troubles, seconds };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function play(stage: Stage, options: OracleOptions, troubles: Troubles): Promise<History> {
  const { size, seed, signal, onProgress, perSecond } = options;
  const random = createRandom(seed);
  const pushesNow = gatherPushes(stage);
  const cast = await makeCast({ stage, random, signal }, size);
  onProgress(`${size.users} people on ${size.devices} devices in ${cast.channels.length} channels`);
  const [messages, blind]: [Message[], History['blind'][number][]] = [[], []];
  const over = new AbortController();
  const ending = AbortSignal.any([over.signal, signal]);
  setMaxListeners(0, ending); // hundreds of people wait for one thing or another
  const living = { stage, cast, signal: ending };
  const mischief = { stage, random: createRandom(seed + 1), signal: ending, onProgress };
  const lives = [
    ...busyPeople(cast).map((player, nth) =>
      live({ ...living, random: createRandom(seed + 10 + nth) }, player),
    ),
    ...groupsOf(cast).map((channel, nth) =>
      keepDoor({ ...living, random: createRandom(seed + 100_000 + nth) }, channel),
    ),
    ...(options.hasTrouble ? [makeTrouble(mischief, troubles, blind)] : []),
  ];
  const talking = { stage, cast, random, count: size.messages, perSecond, signal: ending, messages };
  try {
    // Whoever fails ends it for all.
    await Promise.race([talk(talking), Promise.all(lives)]);
    onProgress('everything is said');
  } finally {
    over.abort();
    await Promise.allSettled(lives);
  }
  const people = cast.players.map(({ person }) => person);
  const historyNow = (): History => ({ people, messages, pushes: pushesNow(), blind, endedAt: Date.now() });
  await settle(historyNow, options);
  return historyNow();
}

/** Who is in no channel has nothing to do. */
const busyPeople = ({ players }: Cast) => players.filter(({ person }) => person.seats.size > 0);
const groupsOf = ({ channels }: Cast) => channels.filter(({ isGroup }) => isGroup);

/** Waits until everything due has been told, for as long as that may take. */
async function settle(historyNow: () => History, { signal, onProgress }: OracleOptions): Promise<void> {
  const until = Date.now() + bounds.withinMs + lookMs;
  while (Date.now() < until) {
    await pause(lookMs, undefined, { signal });
    const history = historyNow();
    const [untold, { uncleared }] = [untoldIn(history), judge(history, bounds)];
    onProgress(`${untold} to be told, ${uncleared} to be cleared`);
    if (untold + uncleared === 0) return;
  }
}
