import type { ChannelId } from '../ids.ts';
import { type Counters, noCounters } from '../stream/positions/counters.ts';
import { noSummary } from '../stream/positions/summary.ts';
import {
  added,
  changeAll,
  type MembershipsWorld,
  newUsers,
  settleAll,
  start,
} from './memberships-world.contract.ts';
import type { Positions, PositionsWrite } from './positions.ts';

/** A store of its own for one suite: the same rows as memberships and as positions. */
export type PositionsWorld = MembershipsWorld & { readonly positions: Positions };
export type GetPositionsWorld = () => PositionsWorld;

/** Everything up to this number is read. */
export const at = (number: number, more: Partial<Counters> = {}): Counters => ({
  ...noCounters,
  ...{ isPresent: true, readNumber: number, deliveredNumber: number },
  ...more,
});

type Change = PositionsWrite['changed'][number];
export const toWrite = (
  changed: readonly (Partial<Change> & Pick<Change, 'userId'>)[],
  seq = 10,
): PositionsWrite => ({
  ...{ appliedSeq: seq, appliedNumber: seq - 1, summary: noSummary, now: start },
  changed: changed.map((change) => ({ counters: at(1), isTold: false, movesFeed: false, ...change })),
});

/** A channel with these many members, whom the log has. */
export async function newCrew(world: PositionsWorld, count: number) {
  const [channelId, people] = [await world.newChannel(), await newUsers(world, count)];
  await changeAll(
    world,
    channelId,
    people.map((userId) => added(userId)),
  );
  await settleAll(world, channelId);
  return { channelId, people };
}

export async function stored({ positions }: PositionsWorld, channelId: ChannelId) {
  const found = (await positions.of([channelId])).get(channelId);
  if (!found) throw new Error('A channel that was asked for is not in the answer.');
  return found;
}

/** Writes at the version of now. */
export async function writeNow(world: PositionsWorld, channelId: ChannelId, write: PositionsWrite) {
  const written = await world.positions.write(channelId, await stored(world, channelId), write);
  if (!written) throw new Error('Nobody else writes here.');
  return written;
}
