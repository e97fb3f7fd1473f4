import { chatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';
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
/** Between two attempts of one round. */
const retryMs = { first: 25, most: 500 } as const;

type Waiting = {
  readonly draft: EventDraft;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (reason: unknown) => void;
  readonly answer: Promise<Appended>;
};
type Lane = { queue: Waiting[]; round: readonly Waiting[]; readonly byNonce: Map<string, Waiting> };

/** One append in flight per channel and process; what arrives meanwhile goes into the next round, in the order of arrival. */
export interface GroupCommit {
  /** Queues these drafts behind what waits already, in this order. Each answer is its own promise. */
  append(channelId: ChannelId, drafts: readonly EventDraft[]): readonly Promise<Appended>[];
  /** Resolves when nothing waits any more. */
  whenIdle(): Promise<void>;
}

const nonceKey = (draft: EventDraft) => `${draft.authorId}|${draft.nonce}`;
const unavailable = () => chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });

function waitingFor(draft: EventDraft): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const answer = new Promise<Appended>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  answer.catch(() => undefined); // whoever asked handles it; nobody asks for an answer twice over
  return { draft, resolve, reject, answer };
}

function takeRound(queue: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { draft } of queue) {
    bytes += Buffer.byteLength(draft.body) + draft.nonce.length + 64;
    if (count === maxRound.events || (count > 0 && bytes > maxRound.bytes)) break;
    count += 1;
  }
  return queue.splice(0, count);
}

export function createGroupCommit(log: EventLog, clock: Clock, rules: StreamRules): GroupCommit {
  const lanes = new Map<ChannelId, Lane>();
  const onIdle: (() => void)[] = [];

  /** Repeats the very same round while its outcome is unknown: its nonces make that safe, and a read would prove nothing. */
  async function commit(channelId: ChannelId, round: readonly Waiting[]): Promise<readonly Appended[]> {
    const drafts = round.map(({ draft }) => draft);
    const deadline = clock.now() + patienceMs;
    for (let pause: number = retryMs.first; ; pause = Math.min(pause * 2, retryMs.most)) {
      try {
        return await log.append(channelId, drafts, clock.now());
      } catch (failure) {
        if (!(failure instanceof OutcomeUnknownError)) throw failure;
        if (clock.now() + pause >= deadline) throw unavailable();
      }
      await clock.sleep(pause);
    }
  }

  function settle(
    lane: Lane,
    round: readonly Waiting[],
    answer: (waiting: Waiting, index: number) => void,
  ): void {
    for (const [index, waiting] of round.entries()) {
      if (lane.byNonce.get(nonceKey(waiting.draft)) === waiting) lane.byNonce.delete(nonceKey(waiting.draft));
      answer(waiting, index);
    }
  }

  async function runRound(channelId: ChannelId, lane: Lane, round: readonly Waiting[]): Promise<void> {
    try {
      const appended = await commit(channelId, round);
      settle(lane, round, (waiting, index) => {
        const own = appended[index];
        if (own === undefined) waiting.reject(new Error('The log did not answer for every draft.'));
        else waiting.resolve(own);
      });
    } catch (failure) {
      // What waits behind fails the same way: a later message of the same device must not overtake this one.
      const behind = lane.queue.splice(0);
      settle(lane, [...round, ...behind], (waiting) => waiting.reject(failure));
    }
  }

  async function run(channelId: ChannelId, lane: Lane): Promise<void> {
    while (lane.queue.length > 0) {
      lane.round = takeRound(lane.queue);
      await runRound(channelId, lane, lane.round);
    }
    lanes.delete(channelId);
    if (lanes.size > 0) return;
    for (const resolve of onIdle.splice(0)) resolve();
  }

  function enqueue(lane: Lane, draft: EventDraft): Promise<Appended> {
    const same = rules.sharesNonces ? lane.byNonce.get(nonceKey(draft)) : undefined;
    if (same !== undefined) return same.answer.then((first) => ({ ...first, deduplicated: true }));
    if (lane.queue.length >= maxWaiting) {
      return Promise.reject(chatError('RATE_LIMITED', undefined, { retryAfterMs: 1_000 }));
    }
    const waiting = waitingFor(draft);
    lane.byNonce.set(nonceKey(draft), waiting);
    lane.queue.push(waiting);
    return waiting.answer;
  }

  return {
    append(channelId, drafts) {
      const known = lanes.get(channelId);
      const lane = known ?? { queue: [], round: [], byNonce: new Map<string, Waiting>() };
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
