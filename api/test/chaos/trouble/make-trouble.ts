import { type Clock, systemClock } from '../../../../schema/ports/clock.ts';
import { createRandom } from '../../smoke/random.ts';
import type { Line } from '../history.ts';
import type { Load } from '../load/options.ts';
import type { ChaosStage } from '../stage.ts';
import { breakAndHeal } from './break-and-heal.ts';
import { type Fault, usualSpan } from './fault.ts';
import { keepRunning } from './keep-running.ts';
import { stoppedBy } from './progress.ts';
import { createRoom, type Room } from './room.ts';
import { type Kind, type Planned, scheduleOf } from './schedule.ts';

export type TroubleOptions = {
  readonly stage: ChaosStage;
  readonly load: Load;
  readonly faults: readonly Fault[];
  readonly seed: number;
  /** So long something is broken now and then; at the end of it everything is healed. */
  readonly ms: number;
  /** The run is given up: everything is healed at once. */
  readonly signal: AbortSignal;
  /** Told the lines `fault` and `heal`, in the order in which things happen. */
  readonly write: (line: Line) => void;
  /** The clock of the lines. */
  readonly now: () => number;
  readonly onProgress: (words: string) => void;
  /** What the waiting goes by; the machine's clock unless said. */
  readonly clock?: Clock;
};

export type TroubleMade = {
  /** Faults that happened. */
  readonly faults: number;
  /** By name, also of kinds that never came. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was planned and did not happen, in words. */
  readonly skipped: readonly string[];
  /** Servers and workers that ended though nothing was being done to them, as often as they did; they were started again. */
  readonly ended: readonly string[];
};

/** A target is free after about so long, when its fault says nothing else: a server starts. */
const usualHealsMs = 5_000;

/**
 * Breaks what the schedule of this seed says, and heals it. Resolves when the time is over and everything is whole again. When something
 * does not become whole, nothing new is broken, the rest is healed, and it rejects with a sentence for each that stayed broken.
 */
export async function makeTrouble(options: TroubleOptions): Promise<TroubleMade> {
  const { stage, faults, seed, ms, signal, clock = systemClock } = options;
  const possible = faults.filter((fault) => fault.isPossible(stage));
  const servers = stage.servers.map(({ name }) => name);
  const kinds = possible.map((fault) => kindOf(fault, stage, servers));
  const room = createRoom(servers, clock);
  const run = createRun({ ...options, clock }, possible, room);
  const startedAt = clock.now();
  const stop = () => run.giveUp();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) run.giveUp();
  const ending = clock.sleep(ms, run.over).then(run.giveUp);
  const ended: string[] = [];
  const running = keepRunning({
    processes: [...stage.servers, ...stage.workers],
    ...{ isBroken: room.isTaken, clock, signal: run.over, onEnded: (name) => ended.push(name) },
  });
  running.catch(run.giveUp);
  for (const planned of scheduleOf({ seed, ms, kinds, servers })) {
    await clock.sleep(planned.at - (clock.now() - startedAt), run.over);
    if (run.over.aborted) break;
    run.begin(planned);
  }
  await ending;
  signal.removeEventListener('abort', stop);
  const made = await run.finish();
  await running;
  return { ...made, ended };
}

function kindOf(fault: Fault, stage: ChaosStage, servers: readonly string[]): Kind {
  const { name, weight, lastsMs = usualSpan, healsMs = usualHealsMs, isMild } = fault;
  const targets = fault.targets(stage).map((on) => ({ on, stops: isMild ? [] : stoppedBy(on, servers) }));
  return { name, weight, lastsMs, healsMs, targets };
}

type Run = {
  /** Aborts when everything is to be healed. */
  readonly over: AbortSignal;
  giveUp(): void;
  /** It happens beside all others. */
  begin(planned: Planned): void;
  /** Resolves when everything is healed. */
  finish(): Promise<Omit<TroubleMade, 'ended'>>;
};

function createRun(
  options: TroubleOptions & { readonly clock: Clock },
  faults: readonly Fault[],
  room: Room,
): Run {
  const { stage, load, write, now, onProgress, clock } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const counts = Object.fromEntries(faults.map(({ name }) => [name, 0]));
  const skipped: string[] = [];
  const problems: string[] = [];
  const running: Promise<void>[] = [];
  let begun = 0;

  async function happen(fault: Fault, planned: Planned): Promise<void> {
    const { name, on, at, until, seed } = planned;
    if (!(await room.enter(planned, signal))) {
      skipped.push(`${name} of ${on}: ${signal.aborted ? 'the time is over' : 'no room'}`);
      return;
    }
    begun += 1;
    const number = begun;
    write({ kind: 'fault', t: now(), fault: number, name, on });
    onProgress(`fault ${number}: ${name} of ${on}`);
    const context = { stage, load, random: createRandom(seed), signal, on, lastsMs: until - at };
    const { end, detail } = await breakAndHeal(fault, context, clock);
    onProgress(`fault ${number}: ${end}${detail && `, ${detail}`}`);
    if (end === 'broken') {
      problems.push(detail);
      ending.abort();
      return;
    }
    if (end === 'healed') counts[name] = (counts[name] ?? 0) + 1;
    else skipped.push(`${name} of ${on}: ${detail}`);
    write({ kind: 'heal', t: now(), fault: number, ...(detail !== '' && { detail }) });
  }

  return {
    over: signal,
    giveUp: () => ending.abort(),
    begin(planned) {
      const fault = faults.find(({ name }) => name === planned.name);
      if (fault === undefined) return;
      running.push(happen(fault, planned).finally(() => room.leave(planned)));
    },
    async finish() {
      await Promise.all(running);
      if (problems.length > 0) throw new Error(`Something stayed broken: ${problems.join('; ')}.`);
      const made = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return { faults: made, counts, skipped };
    },
  };
}
