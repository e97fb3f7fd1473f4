import { expect, it } from 'vitest';
import type { UserId } from '../ids.ts';
import type { Roster } from './memberships.ts';
import {
  added,
  changeAll,
  type GetWorld,
  membershipOf,
  newUsers,
  pick,
  settleAll,
  start,
} from './memberships-world.contract.ts';
import { upTo } from './random.contract.ts';

export function blockContract(getWorld: GetWorld): void {
  inChannels(getWorld);
  ofCandidates(getWorld);
}

/** Two people in their channel, which the log has. */
async function openDirect(world: ReturnType<GetWorld>) {
  const people = await newUsers(world, 2);
  const pair = [pick(people, 0), pick(people, 1)] as const;
  const channelId = await world.newDirect(pair);
  await changeAll(
    world,
    channelId,
    pair.map((userId) => added(userId)),
  );
  await settleAll(world, channelId);
  return { channelId, pair };
}

function inChannels(getWorld: GetWorld): void {
  it('are known with the membership of both in their channel, whoever blocks whom', async () => {
    const world = getWorld();
    const { channelId, pair } = await openDirect(world);
    const [a, b] = pair;
    const areBlocked = async () => {
      const found = await Promise.all(pair.map((userId) => membershipOf(world, userId, channelId)));
      const page = await world.memberships.feedOf(a, 0);
      return [...found, ...page.memberships].map(({ channel }) => channel.isBlocked);
    };
    expect(await areBlocked()).toEqual([false, false, false]);
    await world.block({ by: b, of: a, isBlocked: true });
    expect(await areBlocked()).toEqual([true, true, true]);
    await world.block({ by: a, of: b, isBlocked: true });
    await world.block({ by: b, of: a, isBlocked: false });
    expect(await areBlocked()).toEqual([true, true, true]);
    await world.block({ by: a, of: b, isBlocked: false });
    expect(await areBlocked()).toEqual([false, false, false]);
  });

  it('move the memberships of both there when they change what holds there, behind the contact', async () => {
    const world = getWorld();
    const { channelId, pair } = await openDirect(world);
    const [a, b] = pair;
    const versions = () =>
      Promise.all(pair.map(async (userId) => (await membershipOf(world, userId, channelId)).feedVersion));
    const before = await versions();
    expect(before).toEqual([2, 2]);
    const moved = await world.block({ by: a, of: b, isBlocked: true });
    expect(moved[0]).toEqual({ userId: a, version: 3 });
    expect(new Set(moved.slice(1))).toEqual(
      new Set([
        { userId: a, version: 4 },
        { userId: b, version: 3 },
      ]),
    );
    expect(await versions()).toEqual([4, 3]);
    // The other way round it is so already.
    expect(await world.block({ by: b, of: a, isBlocked: true })).toEqual([{ userId: b, version: 4 }]);
    expect(await world.block({ by: a, of: b, isBlocked: false })).toEqual([{ userId: a, version: 5 }]);
    expect(await versions()).toEqual([4, 3]);
    expect(await world.block({ by: b, of: a, isBlocked: false })).toHaveLength(3);
    expect(await versions()).toEqual([6, 6]);
  });

  it('are nothing to groups, and nothing to the channels of either with others', async () => {
    const world = getWorld();
    const { channelId, pair } = await openDirect(world);
    const [a] = pair;
    const [stranger, group] = [await world.newUser(), await world.newChannel()];
    await changeAll(world, group, [added(a), added(stranger)]);
    const before = await membershipOf(world, a, group);
    expect(await world.block({ by: a, of: stranger, isBlocked: true })).toEqual([{ userId: a, version: 4 }]);
    expect(await membershipOf(world, a, group)).toEqual(before);
    expect(before.channel.isBlocked).toBe(false);
    expect((await membershipOf(world, a, channelId)).channel.isBlocked).toBe(false);
  });
}

function ofCandidates(getWorld: GetWorld): void {
  const seen = async (by: UserId, candidates: readonly UserId[]) => {
    const world = getWorld();
    const who = { by, candidates, now: start };
    const look = (roster: Roster) => ({ changes: [], result: roster.candidates });
    const changed = await world.memberships.change(await world.newChannel(), who, look);
    return candidates.map((userId) => changed?.result.get(userId)?.isBlocked);
  };

  it('are known of candidates, towards whoever decides, whoever blocks whom', async () => {
    const world = getWorld();
    const people = await newUsers(world, 4);
    const [me, mine, theirs, other] = [pick(people, 0), pick(people, 1), pick(people, 2), pick(people, 3)];
    await world.block({ by: me, of: mine, isBlocked: true });
    await world.block({ by: theirs, of: me, isBlocked: true });
    await world.block({ by: other, of: mine, isBlocked: true });
    expect(await seen(me, [me, mine, theirs, other])).toEqual([false, true, true, false]);
    expect(await seen(mine, [me, other, theirs])).toEqual([true, true, false]);
    await world.block({ by: me, of: mine, isBlocked: false });
    expect(await seen(me, [mine, theirs])).toEqual([false, true]);
  });

  it('come before an adding, which then knows of them, or after it', async () => {
    const world = getWorld();
    for (const n of upTo(24)) {
      const [direct, channelId] = [await openDirect(world), await world.newChannel()];
      const [a, b] = direct.pair;
      const who = { by: a, candidates: [b], now: start };
      const adding = () =>
        world.memberships.change(channelId, who, ({ candidates }) => {
          const isBlocked = candidates.get(b)?.isBlocked === true;
          return { changes: isBlocked ? [] : [added(b)], result: isBlocked };
        });
      const blocking = world.block({ by: a, of: b, isBlocked: true });
      // Each a little later than the one before, so that some come while the block is on its way.
      for (const _ of upTo(n % 8)) await world.memberships.feedVersions([]);
      await Promise.all([blocking, adding()]);
      const [row] = await world.memberships.of(b, [channelId]);
      // Both are changes of one feed, whose versions say which was first.
      const blockedAt = (await membershipOf(world, b, direct.channelId)).feedVersion;
      expect(row === undefined || row.feedVersion < blockedAt).toBe(true);
    }
  });
}
