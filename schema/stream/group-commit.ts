import { chatError } from '../errors.ts';
import { type ChannelId, serverAuthorId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import { type Appended, type EventLog, OutcomeUnknownError } from '../ports/event-log.ts';
import type { EventDraft } from './event.ts';
import type { StreamRules } from './rules.ts';

/** What one round takes at most: the log's own bounds. */
const maxRound = { events: 64, bytes: 65_536 } as const;
/** More than this waiting for one channel is refused: at 64 a round, about a second of work. */
export const maxWaiting = 1_000;
/** How long an unknown outcome is repeated before the sender is told to try again: a client's patience. */
export const patienceMs = 5_000;
/** Between two attempts of one round. Their number is bounded too, for a clock that is set back meanwhile. */
const retry = { firstMs: 25, mostMs: 500, attempts: 20 } as const;

type Waiting = {
  readonly draft: EventDraft;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (reason: unknown) => void;
  readonly answer: Promise<Appended>;
};
type Lane = {
  readonly queue: Waiting[];
  readonly byNonce: Map<string, Waiting>;
  /** So many at the front of the queue go one at a time: their round was refused, and one of them is at fault. */
  singles: number;
};

/** One append in flight per channel and process; what arrives meanwhile goes into the next round, in the order of arrival. */
export interface GroupCommit {
  /**
   * Queues these drafts behind what waits already, in this order. Each has an answer of its own, and each answer is to be
   * handled: `RATE_LIMITED` and `UNAVAILABLE` may be repeated with the same nonce; any other failure is the draft's own fault.
   */
  append(channelId: ChannelId, drafts: readonly EventDraft[]): readonly Promise<Appended>[];
  /** Resolves when nothing waits any more. */
  whenIdle(): Promise<void>;
}

const nonceKey = (draft: EventDraft) => `${draft.authorId}|${draft.nonce}`;

function waitingFor(draft: EventDraft): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const answer = new Promise<Appended>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { draft, resolve, reject, answer };
}

function takeRound(lane: Lane): readonly Waiting[] {
  if (lane.singles > 0) {
    lane.singles -= 1;
    return lane.queue.splice(0, 1);
  }
  let bytes = 0;
  let count = 0;
  for (const { draft } of lane.queue) {
    // Alone, because it may be refused: the others must not go once more for that.
    if (draft.ifRevision !== undefined) return lane.queue.splice(0, Math.max(count, 1));
    bytes += Buffer.byteLength(draft.body) + draft.nonce.length + 64;
    if (count === maxRound.events || (count > 0 && bytes > maxRound.bytes)) break;
    count += 1;
  }
  return lane.queue.splice(0, count);
}

/** Nobody waits for these any more, nor joins them: each is given its answer. */
function settle(
  { byNonce }: Lane,
  round: readonly Waiting[],
  answer: (waiting: Waiting, index: number) => void,
): void {
  for (const [index, waiting] of round.entries()) {
    const key = nonceKey(waiting.draft);
    if (byNonce.get(key) === waiting) byNonce.delete(key);
    answer(waiting, index);
  }
}

export function createGroupCommit(log: EventLog, clock: Clock, rules: StreamRules): GroupCommit {
  const lanes = new Map<ChannelId, Lane>();
  const onIdle: (() => void)[] = [];

  /**
   * Repeats the very same round while its outcome is unknown: its nonces make that safe, and a read would prove nothing.
   * Undefined when it stays unknown.
   */
  async function commit(
    channelId: ChannelId,
    round: readonly Waiting[],
  ): Promise<readonly Appended[] | undefined> {
    const drafts = round.map(({ draft }) => draft);
    const deadline = clock.now() + patienceMs;
    let pauseMs: number = retry.firstMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await log.append(channelId, drafts, clock.now());
      } catch (failure) {
        if (!(failure instanceof OutcomeUnknownError)) throw failure;
        if (attempt === retry.attempts || clock.now() + pauseMs >= deadline) return undefined;
      }
      await clock.sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, retry.mostMs);
    }
  }

  /** What waits behind fails the same way: a later message of the same device must not overtake an earlier one. */
  function giveUp(lane: Lane, round: readonly Waiting[]): void {
    lane.singles = 0;
    settle(lane, [...round, ...lane.queue.splice(0)], ({ reject }) =>
      reject(chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 })),
    );
  }

  /** The log refused the round and wrote nothing: one draft is at fault, and the others must not suffer for it. */
  function refuse(lane: Lane, round: readonly Waiting[], failure: unknown): void {
    if (round.length === 1) {
      settle(lane, round, ({ reject }) => reject(failure));
    } else {
      lane.queue.unshift(...round);
      lane.singles = round.length;
    }
  }

  async function runRound(channelId: ChannelId, lane: Lane): Promise<void> {
    const round = takeRound(lane);
    try {
      const appended = await commit(channelId, round);
      if (appended === undefined) return giveUp(lane, round);
      settle(lane, round, ({ resolve, reject }, index) => {
        const own = appended[index];
        if (own === undefined) reject(new Error('The log did not answer for every draft.'));
        else resolve(own);
      });
    } catch (failure) {
      refuse(lane, round, failure);
    }
  }

  async function run(channelId: ChannelId, lane: Lane): Promise<void> {
    while (lane.queue.length > 0) await runRound(channelId, lane);
    lanes.delete(channelId);
    if (lanes.size > 0) return;
    for (const resolve of onIdle.splice(0)) resolve();
  }

  function enqueue(lane: Lane, draft: EventDraft): Promise<Appended> {
    const same = rules.sharesNonces ? lane.byNonce.get(nonceKey(draft)) : undefined;
    if (same !== undefined) return same.answer.then((first) => ({ ...first, deduplicated: true }));
    // What the server itself records is bounded by its outbox: a flood of messages must not keep a removal out of the log.
    if (lane.queue.length >= maxWaiting && draft.authorId !== serverAuthorId)
      return Promise.reject(chatError('RATE_LIMITED', undefined, { retryAfterMs: 1_000 }));
    const waiting = waitingFor(draft);
    lane.byNonce.set(nonceKey(draft), waiting);
    lane.queue.push(waiting);
    return waiting.answer;
  }

  return {
    append(channelId, drafts) {
      const known = lanes.get(channelId);
      const lane = known ?? { queue: [], byNonce: new Map<string, Waiting>(), singles: 0 };
      const answers = drafts.map((draft) => enqueue(lane, draft));
      if (known === undefined) {
        lanes.set(channelId, lane);
        // A tick later, so that everything that arrives together goes into one round.
        queueMicrotask(() => void run(channelId, lane));
      }
      return answers;
    },
    whenIdle: () => (lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
  };
}
