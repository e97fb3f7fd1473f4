import type { ChannelId } from '../ids.ts';

/**
 * Runs the sends of one device into one channel in the order of arrival: `prepare` (may I?) one after another, then `commit`
 * without waiting for the commit before. When one fails, those that were waiting behind it fail the same way, so that a later
 * message never overtakes an earlier one.
 */
export type InOrder = <P, R>(
  channelId: ChannelId,
  prepare: () => Promise<P>,
  commit: (prepared: P) => Promise<R>,
) => Promise<R>;

/** For HTTP, where requests have no order among each other. */
export const unordered: InOrder = async (_channelId, prepare, commit) => commit(await prepare());

type Lane = { tail: Promise<unknown>; waiting: number; failures: number; failure: unknown };

/** For one socket: a lane per channel, gone when nothing waits in it. */
export function createInOrder(): InOrder {
  let lanes: Map<ChannelId, Lane> | undefined; // most sockets send nothing
  return async (channelId, prepare, commit) => {
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
      throw failure;
    } finally {
      lane.waiting -= 1;
      if (lane.waiting === 0) lanes?.delete(channelId);
    }
  };
}
