import type { Line } from '../history.ts';
import { type CrashPoint, crashOptions, crashPoints } from '../test-build/crash-points.ts';
import type { Fault, FaultContext } from './fault.ts';
import { hasEnded, makeWhole, namesOf, processOf, restartOtherwise } from './processes.ts';

/** Notes go out one by one; messages are committed all the time. */
const mostPasses: Readonly<Record<CrashPoint, number>> = {
  after_validate: 60,
  before_commit: 60,
  after_commit_before_ack: 60,
  after_ack_before_publish: 60,
  mid_round: 30,
  after_push_before_mark: 15,
};
const isOfWorkers = (point: CrashPoint) => point === 'after_push_before_mark';

/** What the end of a fault says of it. */
const crashed = 'crashed';
const nameOf = (point: CrashPoint) => `crash-${point.replaceAll('_', '-')}`;

/** A process is started so that it dies at this point, and is waited for; when it has died, it starts as usual. */
const crashAt = (point: CrashPoint) =>
  async function crash({ stage, on, random, signal }: FaultContext) {
    const process = processOf(stage, on);
    const nth = 1 + random.below(mostPasses[point]);
    const isStarted = await restartOtherwise(process, crashOptions(point, nth));
    const over = new AbortController();
    const ended = hasEnded(process, AbortSignal.any([signal, over.signal]));
    return {
      detail: `at pass ${nth}`,
      isOver: ended,
      async heal() {
        over.abort();
        const hasDied = await ended;
        await process.kill();
        await makeWhole(process);
        if (!isStarted) return 'it did not start';
        return hasDied ? crashed : 'it did not get there in time';
      },
    };
  };

/** A server or worker dies in the middle of something, at each point in turn. */
export const crashFaults: readonly Fault[] = crashPoints.map((point) => ({
  name: nameOf(point),
  weight: 2,
  isPossible: (stage) => !isOfWorkers(point) || stage.workers.length > 0,
  targets: ({ servers, workers }) => namesOf(isOfWorkers(point) ? workers : servers),
  // So long it may take until somebody sends enough through it.
  lastsMs: { least: 15_000, most: 30_000 },
  begin: crashAt(point),
}));

/** How often a process died at each point, by the lines of a run. */
export function crashesIn(lines: readonly Line[]): Readonly<Record<string, number>> {
  const pointOf = new Map(crashPoints.map((point) => [nameOf(point), point]));
  const counts: Record<string, number> = Object.fromEntries(crashPoints.map((point) => [point, 0]));
  const begun = new Map<number, CrashPoint>();
  for (const line of lines) {
    const point = line.kind === 'fault' ? pointOf.get(line.name) : undefined;
    if (line.kind === 'fault' && point !== undefined) begun.set(line.fault, point);
    if (line.kind !== 'heal' || !line.detail?.endsWith(crashed)) continue;
    const passed = begun.get(line.fault);
    if (passed !== undefined) counts[passed] = (counts[passed] ?? 0) + 1;
  }
  return counts;
}
