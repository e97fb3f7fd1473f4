import { setMaxListeners } from 'node:events';
import { chatError } from '../../errors.ts';
import type { ChannelId, MemberId, UserId } from '../../ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { FeedMoved } from '../../ports/memberships.ts';
import type { Platform } from '../../ports/platform.ts';
import type { ChannelPositions, Positions, PositionsWrite } from '../../ports/positions.ts';
import { type Mark, planOf, readTail, type Tail } from './round.ts';

/** Rounds of one channel begin at least so far apart: what people say meanwhile goes into the next one. */
const apartMs = 100;
/** More people than this waiting in one channel are refused: ten times as many as are in a group. */
const maxWaiting = 1_000;
/** How long a round is tried before those who wait are told to try again: a client's patience. */
const patienceMs = 5_000;
/** Between two attempts of a round, whose channel another process has written, or whose store did not answer. Their number is bounded too, for a clock that is set back. */
const retry = { firstMs: 5, mostMs: 500, attempts: 50 } as const;

/** Some positions were written: to be told to whoever follows them. */
export type PositionsMoved = {
  readonly channelId: ChannelId;
  readonly version: number;
  readonly at: number;
  /** Whose the others are to be told of. */
  readonly memberIds: readonly MemberId[];
  /** Own feeds that moved with it. */
  readonly moved: readonly FeedMoved[];
};

/** Group commit of marks: one round in flight per channel and process. */
export interface Marks {
  /**
   * Moves somebody's positions forward, never back; numbers beyond the newest message mean that one. Resolves when it is durable.
   * Of who is not in the channel nothing changes. Rejects with `RATE_LIMITED` or `UNAVAILABLE`: then it may be repeated.
   */
  mark(channelId: ChannelId, userId: UserId, mark: Mark): Promise<void>;
  /** Soon takes the log into account up to its end, so that less of it is left to whoever asks. */
  catchUp(channelId: ChannelId): void;
  /** Ends the waiting between rounds, and resolves when nobody waits any more. */
  close(): Promise<void>;
}

type Waiting = {
  readonly marks: Map<UserId, Mark>;
  readonly settled: Promise<void>;
  settle(failure?: unknown): void;
};
type Lane = { waiting: Waiting | undefined; beganAt: number; isRunning: boolean };

function createWaiting(): Waiting {
  let settle: Waiting['settle'] = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  settled.catch(() => undefined); // whoever marked is told; for a catching up nobody waits
  return { marks: new Map(), settled, settle };
}

const further = (a: number | undefined, b: number | undefined) => (a === undefined ? b : Math.max(a, b ?? a));

type Settings = {
  readonly log: Pick<EventLog, 'heads' | 'outlines' | 'messagesAt'>;
  readonly positions: Pick<Positions, 'of' | 'write'>;
  readonly clock: Clock;
  readonly logger: Pick<Platform['logger'], 'warn'>;
  readonly announce: (moved: PositionsMoved) => void;
};

export function createMarks({ log, positions, clock, logger, announce }: Settings): Marks {
  const lanes = createLanes(clock);
  const end = new AbortController();
  setMaxListeners(0, end.signal); // each channel that waits for its next round has one, and removes it
  const running = new Set<Promise<void>>();

  async function storedOf(channelId: ChannelId): Promise<ChannelPositions> {
    const stored = (await positions.of([channelId])).get(channelId);
    if (stored === undefined) throw new Error('A channel that was asked for is not in the answer.');
    return stored;
  }

  /** One attempt. True when all is written, or nothing had to be. */
  async function attempt(channelId: ChannelId, marks: ReadonlyMap<UserId, Mark>): Promise<boolean> {
    const first = await storedOf(channelId);
    const tail = await readTail(log, channelId, first);
    // Who came in between is in the log, and was not among the rows.
    const stored = isComplete(first, tail) ? first : await storedOf(channelId);
    if (stored.version !== first.version || stored.epoch !== first.epoch) return false;
    const plan = await planOf(stored, tail, { log, channelId, marks, now: clock.now() });
    if (plan === undefined) return true;
    const written = await positions.write(channelId, stored, plan);
    if (written === undefined) return false;
    announce({ channelId, ...written, at: plan.now, memberIds: toldIn(plan, stored) });
    return tail.isAll;
  }

  async function runRound(channelId: ChannelId, { marks, settle }: Waiting): Promise<void> {
    const deadline = clock.now() + patienceMs;
    let pauseMs: number = retry.firstMs;
    for (let count = 1; ; count += 1) {
      // A write whose answer is lost may have been one: repeating it is harmless.
      const isDone = await attempt(channelId, marks).catch((failure: unknown) => {
        if (count === 1)
          logger.warn({ err: failure, channelId }, 'positions were not written and are tried again');
        return false;
      });
      if (isDone) return settle();
      if (count === retry.attempts || clock.now() + pauseMs >= deadline)
        return settle(chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 }));
      await clock.sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, retry.mostMs);
    }
  }

  async function run(channelId: ChannelId, lane: Lane): Promise<void> {
    while (lane.waiting !== undefined) {
      const earlyMs = lane.beganAt + apartMs - clock.now();
      if (earlyMs > 0) await clock.sleep(Math.min(earlyMs, apartMs), end.signal);
      const { waiting } = lane;
      lane.waiting = undefined;
      lanes.began(channelId, lane);
      // Without marks it is a catching up, which the next process does as well.
      if (waiting.marks.size === 0 && end.signal.aborted) waiting.settle();
      else await runRound(channelId, waiting);
    }
    lane.isRunning = false;
  }

  function enqueue(channelId: ChannelId): Waiting {
    const lane = lanes.of(channelId);
    lane.waiting ??= createWaiting();
    if (!lane.isRunning) {
      lane.isRunning = true;
      // A tick later, so that everything that arrives together goes into one round.
      const round = Promise.resolve()
        .then(() => run(channelId, lane))
        .finally(() => running.delete(round));
      running.add(round);
    }
    return lane.waiting;
  }

  return {
    mark(channelId, userId, mark) {
      const { marks, settled } = enqueue(channelId);
      const before = marks.get(userId);
      if (before === undefined && marks.size >= maxWaiting)
        return Promise.reject(chatError('RATE_LIMITED', undefined, { retryAfterMs: apartMs }));
      const [read, delivered] = [
        further(before?.read, mark.read),
        further(before?.delivered, mark.delivered),
      ];
      marks.set(userId, { read, delivered });
      return settled;
    },
    catchUp: (channelId) => void enqueue(channelId),
    async close() {
      end.abort();
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** The lanes, and those where the last round began so lately that the next one has to wait. */
function createLanes(clock: Pick<Clock, 'now'>) {
  const lanes = new Map<ChannelId, Lane>();
  return {
    of(channelId: ChannelId): Lane {
      const lane = lanes.get(channelId) ?? {
        waiting: undefined,
        beganAt: Number.NEGATIVE_INFINITY,
        isRunning: false,
      };
      lanes.set(channelId, lane);
      return lane;
    },
    /** A round begins. Lanes where none did for a while are forgotten; a Map remembers the order in which they began last. */
    began(channelId: ChannelId, lane: Lane): void {
      const now = clock.now();
      lane.beganAt = now;
      lanes.delete(channelId);
      lanes.set(channelId, lane);
      for (const [oldest, { beganAt, isRunning }] of lanes) {
        if (isRunning || now - beganAt < apartMs) break;
        lanes.delete(oldest);
      }
    },
  };
}

/** Does the log speak of nobody's coming whose row was not read? */
function isComplete({ positions }: ChannelPositions, { events }: Tail): boolean {
  const known = new Set(positions.map(({ userId }) => userId));
  return events.every((event) => event.kind !== 'member.added' || known.has(event.userId));
}

/** Whose positions others are to be told of. */
function toldIn({ changed }: PositionsWrite, { positions }: ChannelPositions): MemberId[] {
  const told = new Set(changed.flatMap(({ userId, isTold }) => (isTold ? [userId] : [])));
  return positions.flatMap(({ userId, memberId }) => (told.has(userId) ? [memberId] : []));
}
