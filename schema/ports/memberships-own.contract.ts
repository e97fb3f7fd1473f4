import { expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../ids.ts';
import type { OwnState } from './memberships.ts';
import {
  added,
  changeAll,
  type GetWorld,
  membershipOf,
  newUsers,
  pick,
  removed,
  settleAll,
  start,
} from './memberships-world.contract.ts';
import { upTo } from './random.contract.ts';

const nothingOwn: OwnState = {
  ...{ isMuted: false, mutedUntil: null },
  ...{ isArchived: false, isMarkedUnread: false, notificationLevel: null },
};

const everything: OwnState = {
  ...{ isMuted: true, mutedUntil: start + 60_000 },
  ...{ isArchived: true, isMarkedUnread: true, notificationLevel: 'REPLIES' },
};

export function ownContract(getWorld: GetWorld): void {
  changingOwn(getWorld);
  comingBack(getWorld);
}

function changingOwn(getWorld: GetWorld): void {
  it('change by what is named, and are a change of that feed alone, with nothing for the log', async () => {
    const world = getWorld();
    const [channelId, [a, b]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!a || !b) throw new Error('Nobody was made.');
    await changeAll(world, channelId, [added(a), added(b)]);
    await settleAll(world, channelId);
    const before = await membershipOf(world, a, channelId);
    expect(before.own).toEqual(nothingOwn);
    let own = nothingOwn;
    const steps: Partial<OwnState>[] = [
      { isMuted: true, mutedUntil: start + 60_000 },
      { isArchived: true },
      { isMarkedUnread: true },
      { mutedUntil: null },
      { notificationLevel: 'REPLIES' },
      { isArchived: true },
      { notificationLevel: 'NOTHING', isMuted: true },
      { notificationLevel: null },
      { notificationLevel: 'ALL' },
      { isMuted: false, isArchived: false, isMarkedUnread: false },
      {},
    ];
    for (const [index, step] of steps.entries()) {
      own = { ...own, ...step };
      const version = before.feedVersion + index + 1;
      expect(await world.memberships.changeOwn(a, channelId, step)).toEqual({ userId: a, version });
      const now = { ...before, own, feedVersion: version };
      expect(await membershipOf(world, a, channelId)).toEqual(now);
      expect((await world.memberships.feedOf(a, version - 1)).memberships).toEqual([now]);
    }
    expect(await membershipOf(world, b, channelId)).toMatchObject({ own: nothingOwn, feedVersion: 2 });
    expect(await world.memberships.pending(channelId, Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it('can be set before the log has the joining', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId)]);
    expect(await world.memberships.changeOwn(userId, channelId, { isArchived: true })).toEqual({
      userId,
      version: 2,
    });
    await settleAll(world, channelId);
    expect(await membershipOf(world, userId, channelId)).toMatchObject({
      own: { ...nothingOwn, isArchived: true },
      intervals: [{ joinedSeq: 10 }],
    });
  });

  it('are those of members: who left, never came or does not exist has none', async () => {
    const world = getWorld();
    const [channelId, [a, b]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!a || !b) throw new Error('Nobody was made.');
    await changeAll(world, channelId, [added(a)]);
    await changeAll(world, channelId, [removed(a)]);
    const before = await membershipOf(world, a, channelId);
    for (const userId of [a, b, userIdOf(987_654_321n), userIdOf(0n)])
      expect(await world.memberships.changeOwn(userId, channelId, { isMuted: true })).toBeUndefined();
    const nowhere = channelIdOf(987_654_321n);
    expect(await world.memberships.changeOwn(a, nowhere, { isMuted: true })).toBeUndefined();
    expect(await membershipOf(world, a, channelId)).toEqual(before);
    expect((await world.memberships.feedOf(b, 0)).version).toBe(0);
  });
}

function comingBack(getWorld: GetWorld): void {
  it('are as in the beginning for who comes back', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId)]);
    await world.memberships.changeOwn(userId, channelId, everything);
    await changeAll(world, channelId, [removed(userId)]);
    await changeAll(world, channelId, [added(userId)]);
    expect((await membershipOf(world, userId, channelId)).own).toEqual(nothingOwn);
  });

  it('stay through changes of others, of the channel, and of places', async () => {
    const world = getWorld();
    const [channelId, [a, b]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!a || !b) throw new Error('Nobody was made.');
    await changeAll(world, channelId, [added(a)]);
    await world.memberships.changeOwn(a, channelId, everything);
    await changeAll(world, channelId, [added(b), { kind: 'ROLE_CHANGED', userId: a, role: 'ADMIN' }]);
    await settleAll(world, channelId);
    expect(await membershipOf(world, a, channelId)).toMatchObject({ own: everything, role: 'ADMIN' });
  });

  it('set while somebody is removed are set before that, or not at all', async () => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 12)];
    await changeAll(
      world,
      channelId,
      people.map((userId) => added(userId)),
    );
    const outcomes = await Promise.all(
      people.map(async (userId, index) => {
        const set = () => world.memberships.changeOwn(userId, channelId, { isArchived: true });
        const remove = () => changeAll(world, channelId, [removed(userId)]);
        const both = index % 2 === 0 ? [set(), remove()] : [remove(), set()];
        const answers = await Promise.all(both);
        return { userId, answer: answers.find((one) => one === undefined || 'userId' in one) };
      }),
    );
    for (const { userId, answer } of outcomes) {
      const row = await membershipOf(world, userId, channelId);
      expect(row.state).toBe('REMOVED');
      expect(row.own.isArchived).toBe(answer !== undefined);
      const version = answer === undefined ? 2 : 3;
      expect(row.feedVersion).toBe(version);
      expect((await world.memberships.feedOf(userId, 0)).version).toBe(version);
    }
  });
}

export function viewerContract(getWorld: GetWorld): void {
  it('move the feed when they change, and the feed says at which version that was', async () => {
    const world = getWorld();
    const [channelId, [a, b]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!a || !b) throw new Error('Nobody was made.');
    expect(await world.touchViewer(a)).toEqual({ userId: a, version: 1 });
    await changeAll(world, channelId, [added(a), added(b)]);
    expect(await world.memberships.feedOf(a, 0)).toMatchObject({ version: 2, viewerVersion: 1 });
    expect(await world.touchViewer(a)).toEqual({ userId: a, version: 3 });
    const page = await world.memberships.feedOf(a, 2);
    expect(page).toMatchObject({ version: 3, viewerVersion: 3, memberships: [] });
    expect(await world.memberships.feedOf(b, 0)).toMatchObject({ version: 1, viewerVersion: 0 });
    expect((await world.memberships.feedVersions([a, b])).versions).toEqual(
      new Map([
        [a, 3],
        [b, 1],
      ]),
    );
  });

  it('share one order of versions with memberships, however many write at once', async () => {
    const world = getWorld();
    const userId = await world.newUser();
    const channels = await Promise.all(upTo(4).map(() => world.newChannel()));
    const writes = [
      ...channels.map(async (channelId) => (await changeAll(world, channelId, [added(userId)])).moved),
      ...upTo(8).map(async () => [await world.touchViewer(userId)]),
    ];
    const versions = (await Promise.all(writes)).flat().map(({ version }) => version);
    expect(versions.toSorted((a, b) => a - b)).toEqual(upTo(12));
    const page = await world.memberships.feedOf(userId, 0);
    expect(page.version).toBe(12);
    expect(page.viewerVersion).toBe(Math.max(...versions.slice(4)));
    const found = await world.memberships.of(userId, [pick(channels, 0)]);
    expect(found[0]?.feedVersion).toBe(versions[0]);
  });
}
