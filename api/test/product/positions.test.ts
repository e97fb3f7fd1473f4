import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import {
  type At,
  placedFields,
  placesOf,
  type Reading,
  readingBy,
  readingPeople,
  say,
  type Told,
} from './reading.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

/** A group of three, in which Ada has said so much. */
async function crew(said = 10) {
  const { ada, bob, cyn } = await readingPeople(world, 'ada', 'bob', 'cyn');
  const { id } = (await ada.createGroup([bob.userId, cyn.userId])).channel;
  await say(ada, id, said);
  return { ada, bob, cyn, id };
}
const ticks = async ({ reads }: Reading, id: string) => {
  const { readByAllNumber, deliveredToAllNumber } = await reads.own(id);
  return [readByAllNumber, deliveredToAllNumber];
};
/** What of this is news to somebody, of whose positions. */
const moved = async ({ reads }: Reading, cursor: string) =>
  (await reads.told([cursor])).events
    .filter(({ __typename }) => __typename === 'PositionsChanged')
    .map(({ members = [] }) => placesOf(members));
/** A device of this person holds everything. */
const receive = async (one: Reading) => one.reads.acknowledge(await one.syncCursor());

describe('the ticks', () => {
  it('are how far the slowest of the others is', async () => {
    const { ada, bob, cyn, id } = await crew();
    expect(await ticks(ada, id)).toEqual([0, 0]);
    await bob.reads.markRead(id, 7);
    expect([await ticks(ada, id), await ticks(bob, id)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    await receive(cyn);
    expect([await ticks(ada, id), await ticks(bob, id), await ticks(cyn, id)]).toEqual([
      [0, 7],
      [0, 10],
      [7, 7],
    ]);
    await cyn.reads.markRead(id, 9);
    await bob.reads.markRead(id, 8);
    expect([await ticks(ada, id), await ticks(bob, id), await ticks(cyn, id)]).toEqual([
      [8, 8],
      [9, 10],
      [8, 8],
    ]);
  });

  it('go on as people come, who have read all there was, and as the slowest leaves', async () => {
    const { ada, bob, cyn, id } = await crew();
    await bob.reads.markRead(id, 6);
    const { dan } = await readingPeople(world, 'dan');
    await ada.add(id, dan.userId);
    expect((await ada.reads.placed(id))[dan.userId]).toEqual([10, 10]);
    expect(await ticks(ada, id)).toEqual([0, 0]);
    await cyn.leave(id);
    expect(await ticks(ada, id)).toEqual([6, 6]);
    await ada.remove(id, bob.userId);
    expect([await ticks(ada, id), await ticks(dan, id)]).toEqual([
      [10, 10],
      [10, 10],
    ]);
    await say(ada, id, 2);
    await ada.add(id, cyn.userId);
    expect(await ticks(ada, id)).toEqual([10, 10]);
    await dan.leave(id);
    expect(await ticks(ada, id)).toEqual([12, 12]);
    await cyn.leave(id);
    expect(await ticks(ada, id)).toEqual([null, null]);
  });

  it('of two people follow what the other writes next, and not what comes late', async () => {
    const { ada, bob } = await readingPeople(world, 'ada', 'bob');
    const { id } = (await ada.openDirect(bob.userId)).channel;
    await say(ada, id, 2);
    await bob.reads.markRead(id, 2);
    await say(bob, id, 2);
    expect(await ticks(ada, id)).toEqual([4, 4]);
    await say(ada, id);
    await say(bob, id);
    expect([await ticks(ada, id), await ticks(bob, id)]).toEqual([
      [4, 4],
      [2, 2],
    ]);
  });

  it('leave out who does not share, and are nothing where nobody does', async () => {
    const { ada, bob, cyn, id } = await crew();
    await bob.reads.markRead(id, 5);
    await cyn.reads.share(false);
    expect([await ticks(ada, id), await ticks(bob, id), await ticks(cyn, id)]).toEqual([
      [5, 5],
      [10, 10],
      [5, 5],
    ]);
    await bob.reads.share(false);
    expect([await ticks(ada, id), await ticks(bob, id)]).toEqual([
      [null, null],
      [10, 10],
    ]);
    await ada.reads.share(false);
    for (const one of [ada, bob, cyn]) expect(await ticks(one, id)).toEqual([null, null]);
    await cyn.reads.share(true);
    expect([await ticks(ada, id), await ticks(cyn, id)]).toEqual([
      [0, 0],
      [null, null],
    ]);
  });
});

describe('how far somebody has read', () => {
  it('is shown to the members of the channel, and to nobody else', async () => {
    const { ada, bob, cyn, id } = await crew();
    const { zoe } = await readingPeople(world, 'zoe');
    await bob.reads.markRead(id, 4);
    const expected: Record<string, At> = {
      [ada.userId]: [10, 10],
      [bob.userId]: [4, 4],
      [cyn.userId]: [0, 0],
    };
    for (const one of [ada, bob, cyn]) expect(await one.reads.placed(id)).toEqual(expected);
    const { members } = (
      await ada.query<{ channel: { members: { edges: { node: { id: string } }[] } } }>(
        'query ($id: ID!) { channel(id: $id) { members { edges { node { id } } } } }',
        { id },
      )
    ).channel;
    const ids = members.edges.map(({ node }) => node.id);
    const document = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Member { ${placedFields} } } }`;
    const nodesFor = async (one: Reading) =>
      (await one.query<{ nodes: readonly (object | null)[] }>(document, { ids })).nodes;
    expect(await nodesFor(zoe)).toEqual([null, null, null]);
    expect(await nodesFor(cyn)).toContainEqual(expect.objectContaining({ readNumber: 4 }));
    await ada.remove(id, cyn.userId);
    expect(await nodesFor(cyn)).toEqual([null, null, null]);
  });

  it('is kept from the others while they do not share it, never from themselves', async () => {
    const { ada, bob, cyn, id } = await crew();
    await bob.reads.markRead(id, 4);
    await bob.reads.share(false);
    for (const one of [ada, cyn]) expect((await one.reads.placed(id))[bob.userId]).toEqual([null, null]);
    expect((await bob.reads.placed(id))[bob.userId]).toEqual([4, 4]);
    expect(await bob.reads.markRead(id, 6)).toMatchObject({
      channel: { viewerState: { unreadCount: 4, member: { readNumber: 6 } } },
    });
    expect((await ada.reads.placed(id))[bob.userId]).toEqual([null, null]);
    await bob.reads.share(true);
    expect((await ada.reads.placed(id))[bob.userId]).toEqual([6, 6]);
  });

  it('is told by `PositionsChanged`: each member once, however often, as they are then', async () => {
    const { ada, bob, cyn, id } = await crew();
    const cursor = await ada.syncCursor();
    for (const number of upTo(4)) await bob.reads.markRead(id, number);
    await cyn.reads.markRead(id, 9);
    await bob.reads.markRead(id, 5);
    expect(await moved(ada, cursor)).toEqual([{ [bob.userId]: [5, 5], [cyn.userId]: [9, 9] }]);
    const { events } = await ada.reads.told([cursor]);
    expect(events).toEqual([
      expect.objectContaining({ channelId: id, channel: { id }, eventId: expect.stringMatching(/./) }),
    ]);
    // Once told, it is not told again.
    expect(await moved(ada, events[0]?.cursor ?? '').catch(() => 'incomplete')).toBe('incomplete');
    expect((await ada.reads.told([cursor, events[0]?.cursor ?? ''])).events).toEqual([]);
  });

  it('is told one after the other to who is connected, and a late one gets all of it as one', async () => {
    const { ada, bob, id } = await crew();
    const cursor = await ada.syncCursor();
    const live = await ada.reads.follow();
    expect(await live.next()).toMatchObject({ __typename: 'CaughtUp' });
    const ids = new Set<string>();
    for (const number of [2, 5, 8]) {
      await bob.reads.markRead(id, number);
      const { eventId, members } = await live.next();
      ids.add(eventId);
      expect(placesOf(members ?? [])).toEqual({ [bob.userId]: [number, number] });
    }
    await live.stop();
    expect(ids.size).toBe(3);
    expect(await moved(ada, cursor)).toEqual([{ [bob.userId]: [8, 8] }]);
  });

  it('is not told where everybody knows it from a message', async () => {
    const { ada, bob, cyn, id } = await crew(0);
    const cursor = await cyn.syncCursor();
    await say(bob, id, 3);
    await say(ada, id);
    expect(await moved(cyn, cursor)).toEqual([]);
    expect(await cyn.reads.placed(id)).toEqual({
      [ada.userId]: [0, 0],
      [bob.userId]: [3, 3],
      [cyn.userId]: [0, 0],
    });
  });

  it('is told when somebody begins to share it, or no longer does, in all their channels', async () => {
    const { ada, bob, cyn, id } = await crew();
    const two = (await ada.openDirect(bob.userId)).channel.id;
    await bob.reads.markRead(id, 4);
    const [cursor, other] = [await ada.syncCursor(), await cyn.syncCursor()];
    await bob.reads.share(false);
    const told = await ada.reads.told([cursor]);
    const where = (events: readonly Told[]) => events.map(({ channelId }) => channelId).toSorted();
    expect(where(told.events)).toEqual([id, two].toSorted());
    expect(told.events.map(({ members = [] }) => placesOf(members))).toEqual([
      { [bob.userId]: [null, null] },
      { [bob.userId]: [null, null] },
    ]);
    expect(await moved(cyn, other)).toEqual([{ [bob.userId]: [null, null] }]);
    // What they read in private is nobody else's business, not even that they did.
    const silent = await ada.syncCursor();
    await bob.reads.markRead(id, 8);
    await receive(bob);
    expect((await ada.reads.told([silent])).events).toEqual([]);
    await bob.reads.share(true);
    expect(new Set(await moved(ada, silent))).toEqual(
      new Set([{ [bob.userId]: [8, 10] }, { [bob.userId]: [0, 0] }]),
    );
  });

  it('is told to their own devices in private, too', async () => {
    const { bob, id } = await crew();
    const phone = readingBy(await world.signIn(bob.handle));
    await bob.reads.share(false);
    const cursor = await phone.syncCursor();
    await bob.reads.markRead(id, 8);
    expect((await phone.reads.told([cursor])).events).toMatchObject([
      { __typename: 'ViewerChannelChanged', channel: { viewerState: { unreadCount: 2 } } },
    ]);
  });

  it('comes with who comes, and with a new role', async () => {
    const { ada, bob, id } = await crew();
    const { dan } = await readingPeople(world, 'dan');
    const cursor = await bob.syncCursor();
    await ada.add(id, dan.userId);
    await ada.setRole(id, dan.userId, 'ADMIN');
    const members = (await bob.reads.told([cursor])).events.map(({ member }) => member && placesOf([member]));
    expect(members).toEqual([{ [dan.userId]: [10, 10] }, { [dan.userId]: [10, 10] }]);
  });
});

describe('how much somebody has received', () => {
  it('is what a device of theirs has acknowledged, at least what they have read, and at most what there is', async () => {
    const { ada, bob, id } = await crew(3);
    const place = async () => (await ada.reads.placed(id))[bob.userId];
    const early = await bob.syncCursor();
    await say(ada, id, 2);
    expect(await bob.reads.acknowledge(early)).toMatchObject({ __typename: 'AcknowledgeEventsPayload' });
    expect(await place()).toEqual([0, 3]);
    await bob.reads.markRead(id, 4);
    expect(await place()).toEqual([4, 4]);
    await bob.reads.acknowledge(early);
    expect(await place()).toEqual([4, 4]);
    await receive(bob);
    expect(await place()).toEqual([4, 5]);
    await say(bob, id);
    expect(await place()).toEqual([4, 5]);
  });

  it('is told, and is no news to the count', async () => {
    const { ada, bob, id } = await crew(3);
    const [cursor, own] = [await ada.syncCursor(), await bob.syncCursor()];
    await receive(bob);
    expect(await moved(ada, cursor)).toEqual([{ [bob.userId]: [0, 3] }]);
    expect((await bob.reads.told([own])).events).toMatchObject([{ __typename: 'PositionsChanged' }]);
    expect(await bob.reads.own(id)).toMatchObject({ unreadCount: 3, member: { deliveredNumber: 3 } });
  });
});
