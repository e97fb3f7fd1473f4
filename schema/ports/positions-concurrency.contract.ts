import { expect, it } from 'vitest';
import type { ChannelId, UserId } from '../ids.ts';
import { added, changeAll, newUsers, pick, removed, settleAll, start } from './memberships-world.contract.ts';
import {
  at,
  type GetPositionsWorld,
  newCrew,
  type PositionsWorld,
  stored,
  toWrite,
} from './positions-world.contract.ts';
import { createRandom, upTo } from './random.contract.ts';

/** One more than is stored, until nobody else was quicker. */
async function countOn(world: PositionsWorld, channelId: ChannelId, userId: UserId): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const now = await stored(world, channelId);
    const { readNumber = 0 } = now.positions.find((one) => one.userId === userId)?.counters ?? {};
    const changed = [{ userId, counters: at(readNumber + 1), isTold: true, movesFeed: true }];
    if (await world.positions.write(channelId, now, toWrite(changed, now.version + 1))) return attempt;
    if (attempt === 500) throw new Error('Somebody else was always quicker.');
  }
}

export function manyWritersContract(getWorld: GetPositionsWorld): void {
  it('loses nothing that was written, however many write', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 2);
    const userId = pick(people, 0);
    const writers = upTo(6).map(async () => {
      for (const _ of upTo(8)) await countOn(world, channelId, userId);
    });
    await Promise.all(writers);
    const { version, appliedSeq, positions } = await stored(world, channelId);
    expect([version, appliedSeq]).toEqual([48, 48]);
    expect(positions.find((one) => one.userId === userId)?.counters).toEqual(at(48));
  });

  const seed = Math.floor(Math.random() * 1e9);
  it(`never locks up with whatever else is done to the same rows (seed ${seed})`, async () => {
    const world = getWorld();
    const random = createRandom(seed);
    const crews = [await newCrew(world, 6), await newCrew(world, 6), await newCrew(world, 6)];
    const others = await newUsers(world, 2);
    for (const { channelId } of crews)
      await changeAll(
        world,
        channelId,
        others.map((userId) => added(userId)),
      );
    const everybody = [...others, ...crews.flatMap(({ people }) => people)];
    const acts = actsOn(world, { crews, others, everybody }, random);
    await Promise.all(upTo(200).map(() => pick(acts, Math.floor(random() * acts.length))()));
    for (const { channelId } of crews) await settleAll(world, channelId);
    for (const userId of everybody) {
      const { version, memberships } = await world.memberships.feedOf(userId, 0);
      for (const { feedVersion } of memberships) expect(feedVersion).toBeLessThanOrEqual(version);
    }
  });
}

type Crew = { readonly channelId: ChannelId; readonly people: readonly UserId[] };
type Cast = {
  readonly crews: readonly Crew[];
  /** In all of them, now and then. */
  readonly others: readonly UserId[];
  readonly everybody: readonly UserId[];
};

/** Whatever changes the rows of channels and people. */
function actsOn(world: PositionsWorld, { crews, others, everybody }: Cast, random: () => number) {
  const oneOf = <T>(list: readonly T[]) => pick(list, Math.floor(random() * list.length));
  return [
    async () => {
      const { channelId, people } = oneOf(crews);
      const some = [...people, ...others].filter(() => random() < 0.5);
      const changed = some.map((userId) => ({ userId, isTold: true, movesFeed: random() < 0.5 }));
      await world.positions.write(channelId, await stored(world, channelId), toWrite(changed));
    },
    async () => void (await world.positions.share(oneOf(everybody), random() < 0.5, start)),
    async () => {
      const { channelId, people } = oneOf(crews);
      await world.memberships.changeOwn(oneOf([...people, ...others]), channelId, {
        isMuted: random() < 0.5,
      });
    },
    async () => {
      const { channelId } = oneOf(crews);
      const userId = oneOf(others);
      const who = { by: userId, candidates: [userId], now: start };
      await world.memberships.change(channelId, who, ({ members }) => ({
        changes: [members.some((member) => member.userId === userId) ? removed(userId) : added(userId)],
        result: null,
      }));
    },
    async () => void (await settleAll(world, oneOf(crews).channelId)),
    async () => void (await world.touchViewer(oneOf(everybody))),
  ];
}
