import { type ChannelId, channelIdOf, userIdOf } from '../schema/ids.ts';
import { systemClock } from '../schema/ports/clock.ts';
import type { EventLog } from '../schema/ports/event-log.ts';
import { clientNonce, type EventDraft } from '../schema/stream/event.ts';
import { createGroupCommit } from '../schema/stream/group-commit.ts';
import { allRules } from '../schema/stream/rules.ts';
import { type Spread, spreadOf } from './spread.ts';

/** How fast the driver is to be, where the bare statements are 1. */
export const ratioGoal = 0.7;

/** Commits one round of a channel; one at a time for each of them. */
export type Append = (channelId: ChannelId, drafts: readonly EventDraft[]) => Promise<unknown>;

/** A log, and the same rounds without it. */
export type Twins = {
  readonly log: EventLog;
  readonly raw: Append;
  /** What `raw` is, for the report. */
  readonly rawIs: string;
  close(): Promise<void>;
};

/** As the stream appends to a log: over its group commit, which makes one round of what waits. */
export function throughGroupCommit(log: EventLog): Append {
  const commit = createGroupCommit(log, systemClock, allRules);
  return (channelId, drafts) => Promise.all(commit.append(channelId, drafts));
}

/** So many sends wait at any time, spread over the channels: what waits for one channel is a round, of 64 at most. */
const waiting = 640;
const mostInRound = 64;
const channelCounts = [1, 40, 500] as const;
export const eventsPerRoundOf = (channels: number) =>
  Math.max(1, Math.min(mostInRound, Math.floor(waiting / channels)));

const text =
  'A message of a length that people write: about a hundred characters, with nothing special in it.';
const author = userIdOf(101n);
let [lastNonce, lastChannel] = [0, 1_000_000n];

export function messages(count: number): EventDraft[] {
  return Array.from({ length: count }, () => {
    lastNonce += 1;
    return { kind: 'message.sent', authorId: author, nonce: clientNonce(`bench-${lastNonce}`), body: text };
  });
}

export function freshChannels(count: number): ChannelId[] {
  return Array.from({ length: count }, () => {
    lastChannel += 1n;
    return channelIdOf(lastChannel);
  });
}

/** A run ends after this, too: memory would else be full of what nobody reads. */
const mostEventsInRun = 50_000;
/** So many channels have a round on its way. More would only wait longer, on a busy computer for longer than a round may take. */
const mostAtOnce = 100;

export type Run = { readonly append: Append; readonly channelIds: readonly ChannelId[]; readonly ms: number };

/** Rounds in all channels in turn, one at a time in each: how many there are in a second. */
export async function roundsPerSecond({ append, channelIds, ms }: Run): Promise<number> {
  const perRound = eventsPerRoundOf(channelIds.length);
  const mostRounds = Math.ceil(mostEventsInRun / perRound);
  const begin = performance.now();
  const idle = [...channelIds];
  let rounds = 0;
  const work = async () => {
    while (rounds < mostRounds && performance.now() - begin < ms) {
      const channelId = idle.shift();
      if (channelId === undefined) return;
      rounds += 1;
      await append(channelId, messages(perRound));
      idle.push(channelId);
    }
  };
  await Promise.all(channelIds.slice(0, mostAtOnce).map(work));
  return rounds / ((performance.now() - begin) / 1_000);
}

type Figures = { readonly roundsPerSecond: Spread; readonly eventsPerSecond: Spread };

export type Appended = {
  readonly channels: number;
  readonly eventsPerRound: number;
  readonly driver: Figures;
  readonly raw: Figures;
  readonly rawIs: string;
  /** Of each two runs next to each other. */
  readonly ratio: Spread;
  readonly goal: number;
  readonly isMet: boolean;
};

export type Appending = {
  readonly runs: number;
  readonly secondsPerRun: number;
  readonly onProgress: (words: string) => void;
};

/** Driver and bare statements in turn, so that whatever else the computer does meets both; who is first changes, too. */
export async function measureAppend(twins: Twins, options: Appending): Promise<Appended[]> {
  const measured: Appended[] = [];
  for (const channels of channelCounts) measured.push(await measureOver(channels, twins, options));
  return measured;
}

async function measureOver(channels: number, { log, raw, rawIs }: Twins, options: Appending) {
  const { runs, secondsPerRun, onProgress } = options;
  const run = (append: Append) => {
    const channelIds = freshChannels(channels);
    return (ms: number) => roundsPerSecond({ append, channelIds, ms });
  };
  const sides = { driver: run(throughGroupCommit(log)), raw: run(raw) };
  const rates: Readonly<Record<keyof typeof sides, number[]>> = { driver: [], raw: [] };
  for (let nth = -1; nth < runs; nth += 1) {
    const order = nth % 2 === 0 ? (['driver', 'raw'] as const) : (['raw', 'driver'] as const);
    for (const side of order) {
      const rate = await sides[side](secondsPerRun * 1_000);
      if (nth >= 0) rates[side].push(rate); // the first two are a warm-up
    }
  }
  const eventsPerRound = eventsPerRoundOf(channels);
  const figuresOf = (all: readonly number[]): Figures => ({
    roundsPerSecond: spreadOf(all),
    eventsPerSecond: spreadOf(all.map((rate) => rate * eventsPerRound)),
  });
  const ratio = spreadOf(rates.driver.map((rate, nth) => rate / (rates.raw[nth] ?? Number.NaN)));
  onProgress(`${channels} channels: ${ratio.median} of the bare statements`);
  return {
    ...{ channels, eventsPerRound, driver: figuresOf(rates.driver), raw: figuresOf(rates.raw), rawIs },
    ...{ ratio, goal: ratioGoal, isMet: ratio.median >= ratioGoal },
  };
}
