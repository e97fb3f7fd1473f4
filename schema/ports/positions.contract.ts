import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChannelId, channelIdOf, type UserId, userIdOf } from '../ids.ts';
import { noCounters } from '../stream/positions/counters.ts';
import { noSummary } from '../stream/positions/summary.ts';
import { added, changeAll, membershipOf, pick, removed, start } from './memberships-world.contract.ts';
import { manyWritersContract } from './positions-concurrency.contract.ts';
import {
  at,
  type GetPositionsWorld,
  newCrew,
  type PositionsWorld,
  stored,
  toWrite,
  writeNow,
} from './positions-world.contract.ts';

export type { PositionsWorld } from './positions-world.contract.ts';

/** What every store of positions promises. */
export function positionsContract(name: string, openWorld: () => Promise<PositionsWorld>): void {
  describe(`positions: ${name}`, () => {
    let world: PositionsWorld;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    const getWorld = () => world;

    describe('reading', () => readingContract(getWorld));
    describe('writing', () => writingContract(getWorld));
    describe('telling', () => tellingContract(getWorld));
    describe('sharing', () => sharingContract(getWorld));
    describe('many at once', () => manyWritersContract(getWorld));
  });
}

const countersOf = async (world: PositionsWorld, channelId: ChannelId, userId: UserId) =>
  (await stored(world, channelId)).positions.find((position) => position.userId === userId)?.counters;

function readingContract(getWorld: GetPositionsWorld): void {
  it('finds nobody in a channel without members, nor in one that does not exist', async () => {
    const world = getWorld();
    for (const channelId of [await world.newChannel(), channelIdOf(987_654_321n)])
      expect(await stored(world, channelId)).toMatchObject({
        version: 0,
        appliedSeq: 0,
        appliedNumber: 0,
        positions: [],
      });
    expect((await world.positions.of([])).size).toBe(0);
  });

  it('finds the members, from before anything was written of them', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 2);
    const { positions } = await stored(world, channelId);
    expect(positions.map(({ userId }) => userId).toSorted()).toEqual([...people].toSorted());
    for (const { userId, memberId, ...position } of positions) {
      expect(position).toEqual({ counters: noCounters, isShared: true });
      expect(memberId).toBe((await membershipOf(world, userId, channelId)).memberId);
    }
  });

  it('finds who has left as long as the log was not taken into account so far, and then no more', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 2);
    const [a, b] = [pick(people, 0), pick(people, 1)];
    await writeNow(world, channelId, toWrite([{ userId: a }, { userId: b }]));
    await changeAll(world, channelId, [removed(b)]);
    expect(await countersOf(world, channelId, b)).toEqual(at(1));
    await writeNow(world, channelId, toWrite([{ userId: b, counters: { ...at(1), isPresent: false } }]));
    expect((await stored(world, channelId)).positions.map(({ userId }) => userId)).toEqual([a]);
  });

  it('reads several channels at once, those twice asked for once', async () => {
    const world = getWorld();
    const [one, two] = [await newCrew(world, 1), await newCrew(world, 2)];
    const found = await world.positions.of([one.channelId, two.channelId, one.channelId]);
    expect([...found].map(([id, { positions }]) => [id, positions.length])).toEqual([
      [one.channelId, 1],
      [two.channelId, 2],
    ]);
  });
}

function writingContract(getWorld: GetPositionsWorld): void {
  it('keeps what was written, and what was not written of others', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 2);
    const [a, b] = [pick(people, 0), pick(people, 1)];
    const counters = at(7, { deliveredNumber: 9, ownAbove: 3, deletedAbove: 2 });
    const lowest = { number: 7, userId: a, next: { number: 8, userId: b } };
    const summary = { sharers: 2, read: lowest, delivered: { ...lowest, next: null } };
    const write = { ...toWrite([{ userId: a, counters }], 2 ** 40), summary };
    expect(await writeNow(world, channelId, write)).toEqual({ version: 1, moved: [] });
    expect(await stored(world, channelId)).toMatchObject({
      version: 1,
      appliedSeq: 2 ** 40,
      appliedNumber: 2 ** 40 - 1,
    });
    expect(await countersOf(world, channelId, a)).toEqual(counters);
    expect(await countersOf(world, channelId, b)).toEqual(noCounters);
    const { progress } = await membershipOf(world, a, channelId);
    const applied = { version: 1, appliedSeq: 2 ** 40, appliedNumber: 2 ** 40 - 1 };
    expect(progress).toEqual({ counters, isShared: true, ...applied, summary });
    const [ofFeed] = (await world.memberships.feedOf(a, 0)).memberships.filter(
      (row) => row.channelId === channelId,
    );
    expect(ofFeed?.progress).toEqual(progress);
  });

  it('writes nothing when the channel is at another version, or of another epoch', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 1);
    const [userId] = [pick(people, 0)];
    const { epoch } = await stored(world, channelId);
    const late = toWrite([{ userId, counters: at(99), isTold: true, movesFeed: true }]);
    await writeNow(world, channelId, toWrite([{ userId }]));
    for (const place of [
      { epoch, version: 0 },
      { epoch, version: 2 },
      { epoch: epoch + 1, version: 1 },
    ])
      expect(await world.positions.write(channelId, place, late)).toBeUndefined();
    expect(await countersOf(world, channelId, userId)).toEqual(at(1));
    expect(await world.positions.movedAfter(channelId, 0)).toMatchObject({ version: 1, memberIds: [] });
  });

  it('moves the feeds of those whose own devices are to be told, and no other', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 3);
    const [a, b, c] = [pick(people, 0), pick(people, 1), pick(people, 2)];
    const before = await membershipOf(world, a, channelId);
    const changed = [
      { userId: a, movesFeed: true },
      { userId: b, isTold: true },
      { userId: c, movesFeed: true },
    ];
    const { moved } = await writeNow(world, channelId, toWrite(changed));
    const version = before.feedVersion + 1;
    expect(moved.toSorted((x, y) => (x.userId < y.userId ? -1 : 1))).toEqual(
      [a, c].toSorted().map((userId) => ({ userId, version })),
    );
    expect((await world.memberships.feedOf(a, version - 1)).memberships).toEqual([
      { ...before, feedVersion: version, progress: expect.objectContaining({ counters: at(1) }) },
    ]);
    expect((await world.memberships.feedOf(b, version - 1)).memberships).toEqual([]);
  });
}

function tellingContract(getWorld: GetPositionsWorld): void {
  it('tells whose positions moved after a version, each once, and when', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 3);
    const [a, b, c] = [pick(people, 0), pick(people, 1), pick(people, 2)];
    const told = (...userIds: UserId[]) => toWrite(userIds.map((userId) => ({ userId, isTold: true })));
    await writeNow(world, channelId, { ...told(a, b), now: start + 5 });
    await writeNow(world, channelId, told(b));
    await writeNow(world, channelId, toWrite([{ userId: c }]));
    const memberIds = async (...userIds: UserId[]) =>
      (await Promise.all(userIds.map((userId) => membershipOf(world, userId, channelId)))).map(
        ({ memberId }) => memberId,
      );
    const after = async (version: number) => {
      const found = await world.positions.movedAfter(channelId, version);
      expect(found).toMatchObject({ version: 3, at: start + 5 });
      return found.memberIds.toSorted();
    };
    expect(await after(0)).toEqual((await memberIds(a, b)).toSorted());
    expect(await after(1)).toEqual(await memberIds(b));
    expect(await after(2)).toEqual([]);
    await changeAll(world, channelId, [removed(b)]);
    expect(await after(0)).toEqual(await memberIds(a));
  });

  it('knows the newest version of each channel', async () => {
    const world = getWorld();
    const [one, two] = [await newCrew(world, 1), await newCrew(world, 1)];
    await writeNow(world, one.channelId, toWrite([]));
    await writeNow(world, one.channelId, toWrite([]));
    const nowhere = channelIdOf(987_654_321n);
    const { versions, epoch } = await world.positions.versions([one.channelId, two.channelId, nowhere]);
    expect([...versions]).toEqual([
      [one.channelId, 2],
      [two.channelId, 0],
      [nowhere, 0],
    ]);
    expect(epoch).toBe((await stored(world, one.channelId)).epoch);
    expect((await world.positions.versions([])).epoch).toBe(epoch);
  });
}

function sharingContract(getWorld: GetPositionsWorld): void {
  it('changes what others see in every channel of the person, and tells them and the person', async () => {
    const world = getWorld();
    const [one, two, left] = [await newCrew(world, 2), await newCrew(world, 1), await newCrew(world, 1)];
    const a = pick(one.people, 0);
    await changeAll(world, two.channelId, [added(a)]);
    await changeAll(world, left.channelId, [added(a)]);
    await changeAll(world, left.channelId, [removed(a)]);
    await writeNow(world, one.channelId, toWrite([{ userId: a }]));
    const feedBefore = (await world.memberships.feedOf(a, 0)).version;
    const shared = await world.positions.share(a, false, start + 9);
    expect(shared?.moved).toEqual({ userId: a, version: feedBefore + 1 });
    expect(await world.memberships.feedOf(a, feedBefore)).toMatchObject({
      viewerVersion: feedBefore + 1,
      memberships: [],
    });
    const found = shared?.channels.map(({ channelId, version }) => [channelId, version]).toSorted();
    expect(found).toEqual(
      [
        [one.channelId, 2],
        [two.channelId, 1],
      ].toSorted(),
    );
    for (const { channelId, memberId, version } of shared?.channels ?? []) {
      expect(memberId).toBe((await membershipOf(world, a, channelId)).memberId);
      const { memberIds, at: movedAt } = await world.positions.movedAfter(channelId, version - 1);
      expect([memberIds, movedAt]).toEqual([[memberId], start + 9]);
      expect((await stored(world, channelId)).positions.filter(({ isShared }) => !isShared)).toHaveLength(1);
    }
    expect((await membershipOf(world, a, one.channelId)).progress).toMatchObject({
      isShared: false,
      summary: undefined,
    });
    expect((await membershipOf(world, pick(one.people, 1), one.channelId)).progress.isShared).toBe(true);
    await writeNow(world, one.channelId, toWrite([]));
    expect((await membershipOf(world, a, one.channelId)).progress.summary).toEqual(noSummary);
  });

  it('changes nothing when it is so already, or nobody is there', async () => {
    const world = getWorld();
    const { channelId, people } = await newCrew(world, 1);
    const a = pick(people, 0);
    expect(await world.positions.share(a, true, start)).toBeUndefined();
    expect(await world.positions.share(a, false, start)).toBeDefined();
    expect(await world.positions.share(a, false, start)).toBeUndefined();
    expect(await world.positions.share(a, true, start)).toBeDefined();
    expect((await stored(world, channelId)).version).toBe(2);
    expect(await world.positions.share(userIdOf(987_654_321n), false, start)).toBeUndefined();
  });
}
