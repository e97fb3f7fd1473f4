import { isChatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * Runs the sends of one device into one channel in the order of arrival: `prepare` (may I?) one after another, then `commit`
 * without waiting for the commit before. When one fails, those that were waiting behind it fail the same way, and so do those that
 * were on their way to the server when it failed: a later message never overtakes an earlier one.
 */
export type InOrder = <P, R>(
  channelId: ChannelId,
  prepare: () => Promise<P>,
  commit: (prepared: P) => Promise<R>,
) => Promise<R>;

/** For HTTP, where requests have no order among each other. */
export const unordered: InOrder = async (_channelId, prepare, commit) => commit(await prepare());

type Lane = { tail: Promise<unknown>; waiting: number; failures: number; failure: unknown };

/**
 * What comes so soon after a failure was sent before its client could know of it, in milliseconds: a slow way there and back. A
 * client is told to wait as long before it tries again (`retryAfterMs`).
 */
export const onTheWayMs = 1_000;

/** A channel in which a send has just failed. */
type Failed = { readonly at: number; readonly failure: unknown };

/** For one socket: a lane per channel, gone when nothing waits in it. */
export function createInOrder(clock: Pick<Clock, 'now'>): InOrder {
  let lanes: Map<ChannelId, Lane> | undefined; // most sockets send nothing
  let failures: Failures | undefined;
  return async (channelId, prepare, commit) => {
    const before = failures?.in(channelId);
    if (before !== undefined) throw before.failure;
    lanes ??= new Map();
    const lane = lanes.get(channelId) ?? {
      tail: Promise.resolve(),
      waiting: 0,
      failures: 0,
      failure: undefined,
    };
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
        failures ??= createFailures(clock);
        failures.add(channelId, failure);
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

/** Channels in which a send has just failed, each with the first failure. */
function createFailures(clock: Pick<Clock, 'now'>) {
  const failed = new Map<ChannelId, Failed>();

  /** Those that are over are forgotten; a Map remembers the order in which they came. */
  function tidy(): void {
    const now = clock.now();
    for (const [channelId, { at }] of failed) {
      if (Math.abs(now - at) < onTheWayMs) return;
      failed.delete(channelId);
    }
  }

  return {
    in(channelId: ChannelId): Failed | undefined {
      tidy();
      return failed.get(channelId);
    },
    add(channelId: ChannelId, failure: unknown): void {
      tidy();
      if (!failed.has(channelId)) failed.set(channelId, { at: clock.now(), failure });
    },
  };
}
