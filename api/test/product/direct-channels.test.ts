import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelIdOf, incomingId, rowIdOf, type UserId } from '../../../schema/ids.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openPostgresMemberships } from '../../drivers/memberships.postgres.ts';
import { openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres', limits: { channelsPerUser: 3 } });
});
afterAll(() => world.close());

const denied = (code: string) => expect.objectContaining({ __typename: 'Denied', code, until: null });
const idsOf = async (viewer: Talker) => (await viewer.channels()).edges.map(({ node }) => node.id);

/** The row of a pair, as opening writes it first. */
async function writeRow(one: UserId, other: UserId) {
  const [low, high] = [rowIdOf.user(one), rowIdOf.user(other)].sort((a, b) => (a < b ? -1 : 1));
  const { id } = await world.product.prisma.channel.create({
    data: {
      kind: 'DIRECT',
      historyVisibility: 'ALL',
      createdById: rowIdOf.user(one),
      directLowId: low,
      directHighId: high,
    },
  });
  return id;
}
const rowsOf = ({ userId }: Talker) => {
  const id = rowIdOf.user(userId);
  return world.product.prisma.channel.count({ where: { OR: [{ directLowId: id }, { directHighId: id }] } });
};

describe('a channel of two', () => {
  it('is the same for both, and shows each the other', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { channel } = await ada.openDirect(bob.userId);
    expect(channel).toMatchObject({
      kind: 'DIRECT',
      name: null,
      topic: null,
      memberCount: 2,
      lastNumber: 0,
      directPeer: { id: bob.userId, handle: bob.handle },
      viewerState: { isMuted: false, isArchived: false, member: { role: 'MEMBER' } },
    });
    expect(await bob.channel(channel.id)).toMatchObject({
      id: channel.id,
      memberCount: 2,
      directPeer: { id: ada.userId },
      viewerState: { member: { role: 'MEMBER', user: { id: bob.userId } } },
    });
    await ada.send(channel.id, 'Hello');
    expect((await bob.history(channel.id)).edges).toMatchObject([{ node: { number: 1, text: 'Hello' } }]);
  });

  it('stays the one of these two, whoever opens it and however often', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const first = await ada.openDirect(bob.userId);
    await ada.send(first.channel.id, 'one');
    for (const again of [await ada.openDirect(bob.userId), await bob.openDirect(ada.userId)])
      expect(again.channel).toMatchObject({ id: first.channel.id, memberCount: 2, lastNumber: 1 });
    const other = await ada.openDirect(eve.userId);
    expect(other.channel.id).not.toBe(first.channel.id);
    expect(await rowsOf(ada)).toBe(2);
  });

  it('is one when both open it at once, and each becomes a member once', async () => {
    for (const _ of upTo(5)) {
      const { ada, bob } = await people(world, 'ada', 'bob');
      const before = await Promise.all([ada.syncCursor(), bob.syncCursor()]);
      const opened = await Promise.all(
        upTo(6).map((n) => (n % 2 ? ada.openDirect(bob.userId) : bob.openDirect(ada.userId))),
      );
      const ids = new Set(opened.map(({ channel }) => channel.id));
      expect(ids.size).toBe(1);
      expect(opened.every(({ channel }) => channel.memberCount === 2)).toBe(true);
      expect(await rowsOf(ada)).toBe(1);
      const [id = ''] = ids;
      const joined = (await bob.members(id)).edges.map(({ node }) => node.user.id);
      expect(joined.sort()).toEqual([ada.userId, bob.userId].sort());
      const log = await world.product.prisma.logEvent.count({
        where: { channelId: rowIdOf.channel(incomingId(id)) },
      });
      expect(log).toBe(2);
      expect((await bob.changes([before[1] ?? ''])).events.map(({ channelId }) => channelId)).toContain(id);
    }
  });

  it('is finished by a retry when the server died behind its row', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    await writeRow(bob.userId, ada.userId);
    expect(await idsOf(ada)).toEqual([]);
    const { channel } = await ada.openDirect(bob.userId);
    expect(channel.memberCount).toBe(2);
    expect(await idsOf(bob)).toEqual([channel.id]);
    expect(await rowsOf(ada)).toBe(1);
  });

  it('is finished by a retry when the server died before the log had its members', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const row = await writeRow(ada.userId, bob.userId);
    const memberships = await openPostgresMemberships({ pool: world.database.pool });
    const pair = [ada.userId, bob.userId];
    await memberships.change(channelIdOf(row), { by: ada.userId, candidates: pair, now: 0 }, () => ({
      changes: pair.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })),
      result: undefined,
    }));
    const { channel } = await bob.openDirect(ada.userId);
    expect(channel).toMatchObject({ id: channelIdOf(row), memberCount: 2 });
    expect(await ada.send(channel.id, 'Hello')).toMatchObject({ message: { number: 1 } });
    expect(await idsOf(bob)).toEqual([channel.id]);
  });

  it('reaches the other one by their stream', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const cursor = await bob.syncCursor();
    const { channel } = await ada.openDirect(bob.userId);
    const { events } = await bob.changes([cursor]);
    expect(events.at(-1)).toMatchObject({
      channelId: channel.id,
      channel: { directPeer: { id: ada.userId } },
    });
  });

  it('is not with nobody, nor with oneself', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { channel } = await ada.openDirect(bob.userId);
    const memberId = channel.viewerState.member.id;
    for (const id of ['usr7vvvvv', 'nonsense', '', channel.id, memberId])
      expect(await ada.openDirect(id)).toEqual(denied('NOT_FOUND'));
    expect(await ada.openDirect(ada.userId)).toEqual({
      __typename: 'InvalidInput',
      code: 'MALFORMED',
      field: ['userId'],
      explanation: expect.stringMatching(/\.$/),
    });
    expect(await rowsOf(ada)).toBe(1);
  });
});

describe('a person in as many channels as one can be', () => {
  it('opens none more, and nobody opens one with them; those that there are stay open', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const { channel } = await ada.openDirect(bob.userId);
    await ada.createGroup([]);
    const last = await ada.createGroup([]);
    expect(await ada.openDirect(eve.userId)).toEqual(denied('TOO_MANY_CHANNELS'));
    expect(await eve.openDirect(ada.userId)).toEqual(denied('TOO_MANY_CHANNELS'));
    expect(await idsOf(eve)).toEqual([]);
    for (const again of [await ada.openDirect(bob.userId), await bob.openDirect(ada.userId)])
      expect(again.channel.id).toBe(channel.id);
    await ada.leave(last.channel.id);
    expect(await eve.openDirect(ada.userId)).toMatchObject({ channel: { memberCount: 2 } });
  });

  it('is in none too many when several open one with them at once', async () => {
    const { ada } = await people(world, 'ada');
    const others = await Promise.all(upTo(5).map(async () => talkerOf(await world.signUp())));
    const answers = await Promise.all(others.map((other) => other.openDirect(ada.userId)));
    expect(answers.filter(({ code }) => code === 'TOO_MANY_CHANNELS')).toHaveLength(2);
    expect(await idsOf(ada)).toHaveLength(3);
  });
});

describe('in a channel of two', () => {
  it('nobody is added or removed, nobody leaves or gets a role, and it has no name', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const { id } = (await ada.openDirect(bob.userId)).channel;
    const cursor = await bob.syncCursor();
    const refused = denied('NOT_A_GROUP');
    expect(await ada.add(id, eve.userId)).toEqual(refused);
    expect(await ada.remove(id, bob.userId)).toEqual(refused);
    expect(await ada.remove(id, ada.userId)).toEqual(refused);
    expect(await ada.leave(id)).toEqual(refused);
    expect(await ada.setRole(id, bob.userId, 'OWNER')).toEqual(refused);
    expect(await ada.setRole(id, ada.userId, 'OWNER')).toEqual(refused);
    expect(await ada.updateGroup(id, { name: 'Us' })).toEqual(refused);
    expect((await bob.changes([cursor])).events).toEqual([]);
    expect(await bob.channel(id)).toMatchObject({ name: null, memberCount: 2 });
  });

  it('somebody else finds nothing', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const { id } = (await ada.openDirect(bob.userId)).channel;
    expect(await eve.channel(id)).toBeNull();
    expect(await eve.add(id, eve.userId)).toEqual(denied('NOT_FOUND'));
    expect(await eve.leave(id)).toEqual(denied('NOT_FOUND'));
    expect(await eve.setRole(id, ada.userId, 'OWNER')).toEqual(denied('NOT_FOUND'));
    expect(await eve.updateGroup(id, { name: 'Us' })).toEqual(denied('NOT_FOUND'));
    expect(await eve.mute(id)).toEqual(denied('NOT_FOUND'));
  });

  it('a group is no peer of anybody', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    expect((await ada.createGroup([bob.userId])).channel.directPeer).toBeNull();
  });
});
