import { expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../ids.ts';
import {
  added,
  changeAll,
  type GetWorld,
  membershipOf,
  newUsers,
  pick,
  removed,
  start,
} from './memberships-world.contract.ts';
import { upTo } from './random.contract.ts';

const far = Number.MAX_SAFE_INTEGER;

export function leavingContract(getWorld: GetWorld): void {
  it('keeps the row of who left, with a state and a version', async () => {
    const world = getWorld();
    const [channelId, [a, b]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!a || !b) throw new Error('Nobody was made.');
    await changeAll(world, channelId, [added(a, 'ADMIN'), added(b)]);
    await changeAll(world, channelId, [removed(a, 'LEFT'), removed(b, 'REMOVED')]);
    const left = await membershipOf(world, a, channelId);
    expect(left).toMatchObject({ role: 'ADMIN', state: 'LEFT', version: 3, feedVersion: 2, joinedAt: start });
    expect(left.intervals).toMatchObject([{ joinedVersion: 1, leftVersion: 3 }]);
    expect(await membershipOf(world, b, channelId)).toMatchObject({ state: 'REMOVED', version: 4 });
    expect((await world.memberships.pending(channelId, far)).slice(2)).toEqual([
      { version: 3, kind: 'REMOVED', userId: a, by: a, role: 'ADMIN' },
      { version: 4, kind: 'REMOVED', userId: b, by: a, role: 'MEMBER' },
    ]);
  });

  it('gives who comes back a new interval in the same membership, even before the log has the removal', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId, 'ADMIN')]);
    const first = await membershipOf(world, userId, channelId);
    await changeAll(world, channelId, [removed(userId)]);
    const who = { by: userId, candidates: [userId], now: start + 9 };
    await world.memberships.change(channelId, who, () => ({ changes: [added(userId)], result: null }));
    const again = await membershipOf(world, userId, channelId);
    expect(again).toMatchObject({
      memberId: first.memberId,
      role: 'MEMBER',
      state: 'ACTIVE',
      joinedAt: start + 9,
    });
    expect(again.intervals).toMatchObject([
      { joinedVersion: 1, leftVersion: 2 },
      { joinedVersion: 3, leftVersion: null },
    ]);
    const pending = await world.memberships.pending(channelId, far);
    expect(pending.map(({ version, kind }) => [version, kind])).toEqual([
      [1, 'ADDED'],
      [2, 'REMOVED'],
      [3, 'ADDED'],
    ]);
    const placed = upTo(3).map((version) => ({ version, seq: version * 10, number: version }));
    expect(await world.memberships.settle(channelId, placed)).toEqual([{ userId, version: 4 }]);
    expect((await membershipOf(world, userId, channelId)).intervals).toEqual([
      { joinedVersion: 1, leftVersion: 2, joinedSeq: 10, joinedNumber: 1, leftSeq: 20, leftNumber: 2 },
      {
        joinedVersion: 3,
        leftVersion: null,
        joinedSeq: 30,
        joinedNumber: 3,
        leftSeq: null,
        leftNumber: null,
      },
    ]);
  });
}

export function settlingContract(getWorld: GetWorld): void {
  filling(getWorld);
  outbox(getWorld);
}

function filling(getWorld: GetWorld): void {
  it('fills the interval, forgets what was pending, and moves the feed once', async () => {
    const world = getWorld();
    const [channelId, [a, b]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!a || !b) throw new Error('Nobody was made.');
    await changeAll(world, channelId, [added(a), added(b)]);
    const placed = [{ version: 2, seq: 7, number: 5 }];
    expect(await world.memberships.settle(channelId, placed)).toEqual([{ userId: b, version: 2 }]);
    const settled = await membershipOf(world, b, channelId);
    expect(settled).toMatchObject({
      version: 2,
      feedVersion: 2,
      intervals: [{ joinedSeq: 7, joinedNumber: 5 }],
    });
    expect((await world.memberships.feedOf(b, 1)).memberships).toEqual([settled]);
    expect(await world.memberships.pending(channelId, far)).toMatchObject([{ version: 1, userId: a }]);
    expect((await membershipOf(world, a, channelId)).feedVersion).toBe(1);
  });

  it('is harmless when repeated, or told of what never was', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId)]);
    await world.memberships.settle(channelId, [{ version: 1, seq: 7, number: 5 }]);
    const before = await membershipOf(world, userId, channelId);
    for (const placed of [[], [{ version: 1, seq: 8, number: 6 }], [{ version: 77, seq: 9, number: 9 }]])
      expect(await world.memberships.settle(channelId, placed)).toEqual([]);
    const nowhere = channelIdOf(987_654_321n);
    expect(await world.memberships.settle(nowhere, [{ version: 1, seq: 1, number: 1 }])).toEqual([]);
    expect(await membershipOf(world, userId, channelId)).toEqual(before);
  });

  it('fills places in any order, those of one membership in one move', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId)]);
    await changeAll(world, channelId, [removed(userId)]);
    await world.memberships.settle(channelId, [{ version: 2, seq: 9, number: 4 }]);
    expect((await membershipOf(world, userId, channelId)).intervals).toMatchObject([
      { joinedSeq: null, leftSeq: 9 },
    ]);
    const placed = [
      { version: 2, seq: 99, number: 99 },
      { version: 1, seq: 3, number: 1 },
    ];
    expect(await world.memberships.settle(channelId, placed)).toEqual([{ userId, version: 4 }]);
    expect((await membershipOf(world, userId, channelId)).intervals).toMatchObject([
      { joinedSeq: 3, joinedNumber: 1, leftSeq: 9, leftNumber: 4 },
    ]);
  });
}

function outbox(getWorld: GetWorld): void {
  it('lists what is pending up to a version, in version order', async () => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 12)];
    await changeAll(
      world,
      channelId,
      people.map((userId) => added(userId)),
    );
    const versions = async (to: number) =>
      (await world.memberships.pending(channelId, to)).map(({ version }) => version);
    expect(await versions(far)).toEqual(upTo(12));
    expect(await versions(5)).toEqual(upTo(5));
    expect(await versions(0)).toEqual([]);
    await world.memberships.settle(channelId, [{ version: 3, seq: 1, number: 0 }]);
    expect(await versions(5)).toEqual([1, 2, 4, 5]);
    expect(await world.memberships.pending(channelIdOf(987_654_321n), far)).toEqual([]);
  });

  it('finds channels that have waited for the log, those that wait longest first', async () => {
    const world = getWorld();
    const channels = [await world.newChannel(), await world.newChannel(), await world.newChannel()];
    const userId = await world.newUser();
    // Before anything else in this store, so that these are the oldest.
    for (const [n, channelId] of channels.entries()) {
      const who = { by: userId, candidates: [userId], now: 1_000 - n };
      await world.memberships.change(channelId, who, () => ({ changes: [added(userId)], result: null }));
    }
    const [newest, middle, oldest] = [pick(channels, 0), pick(channels, 1), pick(channels, 2)];
    expect(await world.memberships.unsettled(1_000, 10)).toEqual([oldest, middle, newest]);
    expect(await world.memberships.unsettled(999, 10)).toEqual([oldest, middle]);
    expect(await world.memberships.unsettled(1_000, 2)).toEqual([oldest, middle]);
    await world.memberships.settle(middle, [{ version: 1, seq: 1, number: 0 }]);
    expect(await world.memberships.unsettled(1_000, 10)).toEqual([oldest, newest]);
    expect(await world.memberships.unsettled(997, 10)).toEqual([]);
  });
}

export function feedContract(getWorld: GetWorld): void {
  it('tells what changed after a version, the newest state of each row, and up to where that is complete', async () => {
    const world = getWorld();
    const channels = [await world.newChannel(), await world.newChannel(), await world.newChannel()];
    const [userId, somebodyElse] = [await world.newUser(), await world.newUser()];
    for (const channelId of channels) await changeAll(world, channelId, [added(userId), added(somebodyElse)]);
    await changeAll(world, pick(channels, 0), [removed(userId)]);
    await world.memberships.settle(pick(channels, 2), [{ version: 1, seq: 1, number: 0 }]);
    const all = await world.memberships.feedOf(userId, 0);
    expect(all).toMatchObject({ epoch: 1, version: 5, minVersion: 0 });
    expect(all.memberships.map(({ channelId, feedVersion }) => [channelId, feedVersion])).toEqual([
      [channels[1], 2],
      [channels[0], 4],
      [channels[2], 5],
    ]);
    for (const after of [1, 2, 3, 4, 5, 6]) {
      const page = await world.memberships.feedOf(userId, after);
      expect(page).toEqual({
        ...all,
        memberships: all.memberships.filter(({ feedVersion }) => feedVersion > after),
      });
    }
  });

  it('has nothing to tell somebody who never was in a channel, or never was', async () => {
    const world = getWorld();
    const versions = { version: 0, minVersion: 0, viewerVersion: 0, contactsVersion: 0 };
    const nothing = { epoch: 1, ...versions, memberships: [] };
    for (const userId of [await world.newUser(), userIdOf(987_654_321n), userIdOf(0n)])
      expect(await world.memberships.feedOf(userId, 0)).toEqual(nothing);
  });

  it('knows the newest version of everybody it is asked for', async () => {
    const world = getWorld();
    const [a, b] = [await world.newUser(), await world.newUser()];
    const nobody = userIdOf(987_654_321n);
    for (const channelId of [await world.newChannel(), await world.newChannel()])
      await changeAll(world, channelId, [added(a)]);
    expect(await world.memberships.feedVersions([b, a, nobody, a])).toEqual({
      epoch: 1,
      versions: new Map([
        [b, 0],
        [a, 2],
        [nobody, 0],
      ]),
    });
    expect(await world.memberships.feedVersions([])).toEqual({ epoch: 1, versions: new Map() });
  });

  it('finds memberships by channel, past ones too, and none where there are none', async () => {
    const world = getWorld();
    const channels = [await world.newChannel(), await world.newChannel(), await world.newChannel()];
    const userId = await world.newUser();
    for (const channelId of channels.slice(0, 2)) await changeAll(world, channelId, [added(userId)]);
    await changeAll(world, pick(channels, 0), [removed(userId)]);
    const found = await world.memberships.of(userId, [
      ...channels,
      pick(channels, 1),
      channelIdOf(987_654_321n),
    ]);
    expect(new Map(found.map(({ channelId, state }) => [channelId, state]))).toEqual(
      new Map([
        [channels[0], 'REMOVED'],
        [channels[1], 'ACTIVE'],
      ]),
    );
    expect(found).toHaveLength(2);
    expect(await world.memberships.of(userId, [])).toEqual([]);
  });
}
