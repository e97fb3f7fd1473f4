import { isChatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';

/** Where something is sent, and by what it is known when it is sent again. */
type Sending = { readonly channelId: ChannelId; readonly nonce: string };

/**
 * Runs the sends of one device into one channel in the order of arrival: `prepare` (may I?) one after another, then `commit`
 * without waiting for the commit before. When one fails, those that were waiting behind it fail the same way, and so do those that
 * were on their way to the server when it failed: a later message never overtakes an earlier one.
 */
export type InOrder = <P, R>(
  sending: Sending,
  prepare: () => Promise<P>,
  commit: (prepared: P) => Promise<R>,
) => Promise<R>;

/** For HTTP, where requests have no order among each other. */
export const unordered: InOrder = async (_sending, prepare, commit) => commit(await prepare());

type Lane = { tail: Promise<unknown>; waiting: number; failures: number; failure: unknown };
const newLane = (): Lane => ({ tail: Promise.resolve(), waiting: 0, failures: 0, failure: undefined });

/**
 * Resolves when the sender knows of every answer that was given before this was called, and all that they sent before they knew has
 * been answered, too. Never rejects; never resolves when they have gone.
 */
export type Heard = () => Promise<void>;

/** Sends of a channel that failed. */
type Failed = {
  failure: unknown;
  /** Of that which arrived first: the others are behind it. */
  nonce: string;
  arrival: number;
  /** How many of them the sender may not know of yet. */
  unheard: number;
};

/** For one socket: a lane per channel, gone when nothing waits in it. */
export function createInOrder(heard: Heard): InOrder {
  let lanes: Map<ChannelId, Lane> | undefined; // most sockets send nothing
  let failures: Failures | undefined;
  let arrivals = 0;
  return async ({ channelId, nonce }, prepare, commit) => {
    const before = failures?.before({ channelId, nonce });
    if (before !== undefined) throw before.failure;
    arrivals += 1;
    const arrival = arrivals;
    lanes ??= new Map();
    const lane = lanes.get(channelId) ?? newLane();
    lanes.set(channelId, lane);
    const failuresAtArrival = lane.failures;
    lane.waiting += 1;
    // The turn ends when `commit` has been called, not when it is done: commits of one channel keep their order by themselves.
    const turn = lane.tail.then(async () => {
      if (lane.failures > failuresAtArrival) throw lane.failure;
      const prepared = await prepare();
      if (lane.failures > failuresAtArrival) throw lane.failure;
      return { committed: commit(prepared) };
    });
    lane.tail = turn.catch(() => undefined);
    try {
      return await (await turn).committed;
    } catch (failure) {
      lane.failures += 1;
      lane.failure = failure;
      if (isToBeRepeated(failure)) {
        failures ??= createFailures(heard);
        failures.add(channelId, { failure, nonce, arrival });
      }
      throw failure;
    } finally {
      lane.waiting -= 1;
      if (lane.waiting === 0) lanes?.delete(channelId);
    }
  };
}

/**
 * Its sender tries again: until then, nothing that they sent behind it may go ahead. That is so of what nobody foresaw, too: of a
 * database that could not be asked whether they may send, for example.
 */
const isToBeRepeated = (failure: unknown): boolean =>
  !isChatError(failure) || typeof failure.extensions.retryAfterMs === 'number';

type Failures = ReturnType<typeof createFailures>;

/**
 * Channels in which a send has failed, until it comes again, or its sender goes on in spite of what they know. No time would do: what
 * was sent before they knew can come as late as it likes.
 */
function createFailures(heard: Heard) {
  const failed = new Map<ChannelId, Failed>();
  return {
    /** What must come again before this. */
    before({ channelId, nonce }: Sending): Failed | undefined {
      const first = failed.get(channelId);
      if (first?.nonce !== nonce) return first;
      failed.delete(channelId);
      return undefined;
    },
    add(channelId: ChannelId, one: Omit<Failed, 'unheard'>): void {
      const first = failed.get(channelId) ?? { ...one, unheard: 0 };
      if (one.arrival < first.arrival) Object.assign(first, one);
      failed.set(channelId, first);
      first.unheard += 1;
      void heard().then(() => {
        first.unheard -= 1;
        if (first.unheard === 0 && failed.get(channelId) === first) failed.delete(channelId);
      });
    },
  };
}
