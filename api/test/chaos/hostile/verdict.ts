/** What came of it, as it is printed. */
export type HostileRun = {
  /** The server still runs, and is ready. */
  readonly alive: boolean;
  /** Messages that were acknowledged. */
  readonly acked: number;
  /** The most that the server held in the second part, above the most in the first one. */
  readonly rssGrowthMb: number;
  /** The same of what is no garbage, when nobody says anything; null when nobody looked. */
  readonly settledGrowthMb: number | null;
  /** From the sending until a normal reader had it. */
  readonly p99Ms: number;
  readonly baselineP99Ms: number;
  readonly p99Ratio: number;
  /** How often a socket that nobody read from was ended, and how long one lived at most. */
  readonly stalls: number;
  readonly stalledSeconds: number;
  /** Sockets of those on a narrow line that were ended. */
  readonly narrowEnds: number;
  /** How often somebody was told that it had missed too much for events, and found the rest in the history. */
  readonly resets: number;
  /** Acknowledged messages that somebody did not have in the end, by events or history. */
  readonly missing: number;
  /** Messages that came twice or in another order on one stream. */
  readonly disorders: number;
  /** Sockets of normal readers that were ended. */
  readonly normalEnds: number;
  /** Sends that were refused. */
  readonly refused: number;
  /** How often each attacker was sent away. */
  readonly pings: number;
  readonly subscriptions: number;
  readonly ids: number;
  readonly seconds: number;
};

/** What is promised. */
export const bounds = { rssGrowthMb: 64, p99Ratio: 1.2, stalledSeconds: 30 } as const;

/** What of it was not kept, in words. */
export function complaintsOf(run: HostileRun): string[] {
  const { rssGrowthMb, p99Ratio, stalledSeconds } = bounds;
  const kept: readonly [boolean, string][] = [
    [run.alive, 'The server does not live.'],
    [run.acked > 0, 'Nothing was acknowledged.'],
    [run.rssGrowthMb <= rssGrowthMb, `The server grew by more than ${rssGrowthMb} MB.`],
    [run.p99Ratio <= p99Ratio, `Normal readers waited more than ${p99Ratio} times as long.`],
    [run.stalls > 0, 'No stalled socket was ended.'],
    [run.stalledSeconds <= stalledSeconds, `A stalled socket lived longer than ${stalledSeconds} s.`],
    [run.missing === 0, 'Somebody has not everything.'],
    [run.disorders === 0, 'Messages came twice, or in another order.'],
    [run.normalEnds === 0, 'A socket of a normal reader was ended.'],
    [run.refused === 0, 'Messages were refused.'],
  ];
  return kept.flatMap(([isKept, words]) => (isKept ? [] : [words]));
}
