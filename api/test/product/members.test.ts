import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import type { Role } from '../../../schema/stream/event.ts';
import { openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres', limits: { channelsPerUser: 4, membersPerGroup: 6 } });
});
afterAll(() => world.close());

const everybody = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => talkerOf(await world.signUp())));
const ids = (talkers: readonly Talker[]) => talkers.map(({ userId }) => userId);
const denied = (code: string) => ({
  __typename: 'Denied',
  code,
  explanation: expect.any(String),
  until: null,
});
const handlesIn = async (viewer: Talker, id: string) =>
  (await viewer.members(id)).edges.map(({ node }) => node.user.handle);

/** A group of Ada (with a role of the test's choice), Bob and Eve, owned by somebody else. */
async function crew(roles: { ada: Role; bob?: Role } = { ada: 'MEMBER' }) {
  const { owner, ada, bob, eve } = await people(world, 'owner', 'ada', 'bob', 'eve');
  const { channel } = await owner.createGroup(ids([ada, bob, eve]));
  await owner.setRole(channel.id, ada.userId, roles.ada);
  await owner.setRole(channel.id, bob.userId, roles.bob ?? 'MEMBER');
  return { owner, ada, bob, eve, id: channel.id };
}

describe('adding people', () => {
  it.for(['OWNER', 'ADMIN', 'MEMBER'] as const)('is for %s, too', async (role) => {
    const { ada, bob, id } = await crew({ ada: role });
    const { zoe } = await people(world, 'zoe');
    const added = await ada.add(id, zoe.userId, bob.userId, 'usr7vvvvv', zoe.userId);
    expect(added).toMatchObject({
      __typename: 'AddMembersPayload',
      channel: { id, memberCount: 5 },
      added: [{ role: 'MEMBER', user: { id: zoe.userId } }],
      notAdded: [
        { userId: bob.userId, code: 'ALREADY_A_MEMBER' },
        { userId: 'usr7vvvvv', code: 'NOT_FOUND' },
      ],
    });
    expect(await zoe.channel(id)).toMatchObject({ id, memberCount: 5 });
  });

  it('leaves out who is in too many channels', async () => {
    const { ada, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    for (let count = 0; count < 4; count += 1) await zoe.createGroup([]);
    expect(await ada.add(id, zoe.userId)).toMatchObject({
      added: [],
      notAdded: [{ userId: zoe.userId, code: 'TOO_MANY_CHANNELS' }],
    });
  });

  it('adds nobody when that would be too many', async () => {
    const { ada, id } = await crew();
    const [zoe, max, kim] = await everybody(3);
    if (!zoe || !max || !kim) throw new Error('Three people.');
    expect(await ada.add(id, ...ids([zoe, max, kim]))).toEqual(denied('CHANNEL_FULL'));
    expect(await handlesIn(ada, id)).toHaveLength(4);
    expect(await ada.add(id, ...ids([zoe, max]))).toMatchObject({
      channel: { memberCount: 6 },
      notAdded: [],
    });
    expect(await ada.add(id, kim.userId)).toEqual(denied('CHANNEL_FULL'));
    expect(await ada.add(id, zoe.userId)).toMatchObject({
      added: [],
      notAdded: [{ code: 'ALREADY_A_MEMBER' }],
    });
  });

  it('fills the last place once, when several add somebody at once', async () => {
    const { owner, ada, bob, eve, id } = await crew();
    const [fifth, ...others] = await everybody(5);
    await ada.add(id, ...ids(fifth ? [fifth] : []));
    const adders = [owner, ada, bob, eve];
    const answers = await Promise.all(
      adders.map((adder, index) => adder.add(id, ...ids(others.slice(index, index + 1)))),
    );
    expect(answers.filter(({ __typename }) => __typename === 'AddMembersPayload')).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'CHANNEL_FULL')).toHaveLength(3);
    expect(await handlesIn(ada, id)).toHaveLength(6);
  });

  it('adds somebody once when several do it at once', async () => {
    const { owner, ada, bob, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    const answers = await Promise.all([owner, ada, bob].map((adder) => adder.add(id, zoe.userId)));
    expect(answers.flatMap(({ added }) => added)).toHaveLength(1);
    const { events } = await zoe.changes([await zoe.syncCursor()]);
    expect(events).toEqual([]);
    expect((await handlesIn(ada, id)).filter((handle) => handle === zoe.handle)).toHaveLength(1);
  });

  it('is refused to who is not in the group, as if there were none', async () => {
    const { id } = await crew();
    const { zoe, max } = await people(world, 'zoe', 'max');
    expect(await zoe.add(id, max.userId)).toEqual(denied('NOT_FOUND'));
    expect(await zoe.add('chn7vvvvv', max.userId)).toEqual(denied('NOT_FOUND'));
    expect(await zoe.add(max.userId, max.userId)).toEqual(denied('NOT_FOUND'));
  });
});

describe('removing somebody', () => {
  it.for([
    ['OWNER', 'ADMIN', 'yes'],
    ['OWNER', 'MEMBER', 'yes'],
    ['OWNER', 'OWNER', 'ROLE_TOO_LOW'],
    ['ADMIN', 'MEMBER', 'yes'],
    ['ADMIN', 'ADMIN', 'ROLE_TOO_LOW'],
    ['ADMIN', 'OWNER', 'ROLE_TOO_LOW'],
    ['MEMBER', 'MEMBER', 'ROLE_TOO_LOW'],
    ['MEMBER', 'ADMIN', 'ROLE_TOO_LOW'],
    ['MEMBER', 'OWNER', 'ROLE_TOO_LOW'],
  ] as const)('%s removes %s: %s', async ([role, target, answer]) => {
    const { ada, bob, id } = await crew({ ada: role, bob: target });
    const member = (await ada.members(id)).edges.find(({ node }) => node.user.id === bob.userId)?.node;
    const removed = await ada.remove(id, bob.userId);
    if (answer !== 'yes') return expect(removed).toEqual(denied(answer));
    expect(removed).toMatchObject({ memberId: member?.id, channel: { id, memberCount: 3 } });
    expect(await bob.channel(id)).toBeNull();
    expect(await handlesIn(ada, id)).not.toContain(bob.handle);
  });

  it('is no way to leave, and finds only members', async () => {
    const { owner, ada, bob, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    expect(await owner.remove(id, owner.userId)).toEqual(denied('ROLE_TOO_LOW'));
    expect(await ada.remove(id, ada.userId)).toEqual(denied('ROLE_TOO_LOW'));
    expect(await owner.remove(id, zoe.userId)).toEqual(denied('NOT_A_MEMBER'));
    expect(await owner.remove(id, 'usr7vvvvv')).toEqual(denied('NOT_A_MEMBER'));
    expect(await owner.remove('chn7vvvvv', bob.userId)).toEqual(denied('NOT_FOUND'));
    for (const target of [owner, bob, zoe])
      expect(await zoe.remove(id, target.userId)).toEqual(denied('NOT_FOUND'));
  });

  it('keeps the id of a member who comes back', async () => {
    const { owner, bob, id } = await crew();
    const { memberId } = await owner.remove(id, bob.userId);
    const { added } = await owner.add(id, bob.userId);
    expect(added).toMatchObject([{ id: memberId, role: 'MEMBER', user: { id: bob.userId } }]);
  });

  it('takes a role away: who comes back is a member like any other', async () => {
    const { owner, bob, id } = await crew({ ada: 'MEMBER', bob: 'ADMIN' });
    await owner.remove(id, bob.userId);
    expect(await owner.add(id, bob.userId)).toMatchObject({ added: [{ role: 'MEMBER' }] });
    expect(await bob.channel(id)).toMatchObject({ viewerState: { member: { role: 'MEMBER' } } });
  });
});

describe('leaving', () => {
  it.for(['ADMIN', 'MEMBER', 'OWNER'] as const)('is for %s while there is another owner', async (role) => {
    const { ada, bob, id } = await crew({ ada: role });
    expect(await ada.leave(id)).toMatchObject({ channelId: id, viewer: { channels: { edges: [] } } });
    expect(await ada.channel(id)).toBeNull();
    expect(await handlesIn(bob, id)).not.toContain(ada.handle);
    expect(await ada.leave(id)).toEqual(denied('NOT_FOUND'));
  });

  it('is refused to the last owner, unless nobody else is there: then the group ends, for good', async () => {
    const { owner, ada, bob, eve, id } = await crew();
    expect(await owner.leave(id)).toEqual(denied('LAST_OWNER'));
    for (const member of [ada, bob, eve]) await member.leave(id);
    expect(await owner.leave(id)).toMatchObject({ channelId: id });
    for (const somebody of [owner, ada]) {
      expect(await somebody.channel(id)).toBeNull();
      expect(await somebody.add(id, bob.userId)).toEqual(denied('NOT_FOUND'));
      expect(await somebody.send(id, 'Anybody?')).toEqual(denied('NOT_A_MEMBER'));
    }
    const row = await world.product.prisma.channel.findFirst({
      where: { createdById: rowIdOf.user(owner.userId) },
    });
    expect(row?.endedAt).toBeInstanceOf(Date);
  });

  it('ends a group once, when its last two leave at once', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { channel } = await ada.createGroup([bob.userId]);
    const answers = await Promise.all([ada.leave(channel.id), bob.leave(channel.id)]);
    // The owner goes last, or is told to hand over.
    expect(answers[1]).toMatchObject({ channelId: channel.id });
    if (answers[0].code !== undefined) expect(answers[0]).toEqual(denied('LAST_OWNER'));
    else expect(await ada.channel(channel.id)).toBeNull();
  });

  it('is refused to who is not in it', async () => {
    const { id } = await crew();
    const { zoe } = await people(world, 'zoe');
    expect(await zoe.leave(id)).toEqual(denied('NOT_FOUND'));
    expect(await zoe.leave('chn7vvvvv')).toEqual(denied('NOT_FOUND'));
  });
});

describe('the list of members', () => {
  it('has owners first, then admins, then the others by joining, in pages both ways', async () => {
    const { owner, ada, bob, eve, id } = await crew({ ada: 'MEMBER', bob: 'ADMIN' });
    const { zoe } = await people(world, 'zoe');
    await ada.add(id, zoe.userId);
    const order = [owner, bob, ada, eve, zoe].map(({ handle }) => handle);
    expect(await handlesIn(zoe, id)).toEqual(order);
    const first = await zoe.members(id, { first: 2 });
    expect(first.edges.map(({ node }) => node.user.handle)).toEqual(order.slice(0, 2));
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    // A page goes on at the same place when somebody in it is gone.
    await owner.remove(id, bob.userId);
    const second = await zoe.members(id, { first: 3, after: first.pageInfo.endCursor ?? '' });
    expect(second.edges.map(({ node }) => node.user.handle)).toEqual(order.slice(2));
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const last = await zoe.members(id, { last: 1 });
    expect(last.edges.map(({ node }) => node.user.handle)).toEqual([zoe.handle]);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });
});
