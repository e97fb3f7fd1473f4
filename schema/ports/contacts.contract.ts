import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type UserId, userIdOf } from '../ids.ts';
import { maxContactsMoved } from './contacts.ts';
import {
  added,
  changeAll,
  type GetWorld,
  type MembershipsWorld,
  newUsers,
  pick,
} from './memberships-world.contract.ts';
import { upTo } from './random.contract.ts';

const far = Number.MAX_SAFE_INTEGER;

/** What every store of contacts promises. Each test has people of its own in a store that the suite shares. */
export function contactsContract(name: string, openWorld: () => Promise<MembershipsWorld>): void {
  describe(`contacts: ${name}`, () => {
    let world: MembershipsWorld;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    telling(() => world);
    together(() => world);
  });
}

function telling(getWorld: GetWorld): void {
  it('tells what changed last in a range, ascending, each person once', async () => {
    const world = getWorld();
    const people = await newUsers(world, 4);
    const [me, a, b, c] = [pick(people, 0), pick(people, 1), pick(people, 2), pick(people, 3)];
    const order = [a, b, c, a, b];
    for (const [index, otherId] of order.entries())
      expect(await world.touchContact(me, otherId)).toEqual({ userId: me, version: index + 1 });
    const movedIn = async (after: number, upTo: number) =>
      (await world.contacts.movedIn(me, { after, upTo }))?.map(({ otherId, feedVersion }) => [
        otherId,
        feedVersion,
      ]);
    expect(await movedIn(0, far)).toEqual([
      [c, 3],
      [a, 4],
      [b, 5],
    ]);
    expect(await movedIn(3, far)).toEqual([
      [a, 4],
      [b, 5],
    ]);
    // Who changed again behind the range is not in it: that will be told, too.
    expect(await movedIn(0, 4)).toEqual([
      [c, 3],
      [a, 4],
    ]);
    expect(await movedIn(0, 2)).toEqual([]);
    expect(await movedIn(5, far)).toEqual([]);
  });

  it('tells of a change to whose side it is, and to nobody else', async () => {
    const world = getWorld();
    const [me, other] = [await world.newUser(), await world.newUser()];
    await world.touchContact(me, other);
    expect(await world.memberships.feedOf(me, 0)).toMatchObject({ version: 1, contactsVersion: 1 });
    expect(await world.memberships.feedOf(other, 0)).toMatchObject({ version: 0, contactsVersion: 0 });
    for (const userId of [other, userIdOf(987_654_321n), userIdOf(0n)])
      expect(await world.contacts.movedIn(userId, { after: 0, upTo: far })).toEqual([]);
  });

  it('says that they are too many when they are, and tells as many as it may', {
    timeout: 60_000,
  }, async () => {
    const world = getWorld();
    const me = await world.newUser();
    const others: UserId[] = [];
    for (const _ of upTo(maxContactsMoved + 1)) others.push(await world.newUser());
    for (const otherId of others) await world.touchContact(me, otherId);
    expect(await world.contacts.movedIn(me, { after: 0, upTo: far })).toBeUndefined();
    expect(await world.contacts.movedIn(me, { after: 1, upTo: far })).toHaveLength(maxContactsMoved);
    expect(await world.contacts.movedIn(me, { after: 0, upTo: maxContactsMoved })).toHaveLength(
      maxContactsMoved,
    );
  });
}

function together(getWorld: GetWorld): void {
  it('are of one order of versions with memberships and own things, however many write at once', async () => {
    const world = getWorld();
    const [people, channelId] = [await newUsers(world, 6), await world.newChannel()];
    const me = pick(people, 0);
    const writes = [
      ...people.slice(1).flatMap((other) => [world.touchContact(me, other), world.touchContact(other, me)]),
      ...upTo(3).map(() => world.touchViewer(me)),
      changeAll(world, channelId, [added(me)]).then(({ moved }) => pick(moved, 0)),
    ];
    const moved = await Promise.all(writes);
    const own = moved.filter(({ userId }) => userId === me).map(({ version }) => version);
    expect(own.toSorted((a, b) => a - b)).toEqual(upTo(9));
    const page = await world.memberships.feedOf(me, 0);
    const contacts = await world.contacts.movedIn(me, { after: 0, upTo: page.version });
    const versions = contacts?.map(({ feedVersion }) => feedVersion) ?? [];
    expect(versions).toHaveLength(5);
    expect(page.contactsVersion).toBe(Math.max(...versions));
    const told = [...versions, page.viewerVersion, ...page.memberships.map(({ feedVersion }) => feedVersion)];
    expect(new Set(told).size).toBe(7);
  });
}
