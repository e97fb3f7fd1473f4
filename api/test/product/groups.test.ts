import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import { openWorld, type World } from '../world.ts';
import { people, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres', limits: { channelsPerUser: 3, membersPerGroup: 5 } });
});
afterAll(() => world.close());

const rolesIn = ({
  members,
}: {
  members: { edges: readonly { node: { role: string; user: { id: string } } }[] };
}) => members.edges.map(({ node }) => [node.user.id, node.role]);

describe('making a group', () => {
  it('makes its maker the owner, and everybody else a member', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const made = await ada.createGroup([bob.userId, eve.userId, bob.userId, ada.userId], {
      name: '  Crew ',
      topic: ' Sailing ',
    });
    expect(made).toMatchObject({
      __typename: 'CreateGroupPayload',
      deduplicated: false,
      notAdded: [],
      channel: {
        kind: 'GROUP',
        name: 'Crew',
        topic: 'Sailing',
        historyVisibility: 'FROM_JOINING',
        memberCount: 3,
        lastNumber: 0,
        lastMessage: null,
        viewerState: { member: { role: 'OWNER', user: { id: ada.userId } } },
      },
    });
    expect(rolesIn(made.channel)).toEqual([
      [ada.userId, 'OWNER'],
      [bob.userId, 'MEMBER'],
      [eve.userId, 'MEMBER'],
    ]);
    expect(await bob.channel(made.channel.id)).toMatchObject({
      name: 'Crew',
      viewerState: { member: { role: 'MEMBER', user: { id: bob.userId } } },
    });
  });

  it('takes one without others and without a topic', async () => {
    const { ada } = await people(world, 'ada');
    const { channel } = await ada.createGroup([], { topic: '  ', historyVisibility: 'ALL' });
    expect(channel).toMatchObject({ memberCount: 1, topic: null, historyVisibility: 'ALL' });
  });

  it('answers the same nonce with the same group, whatever else is asked for', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const first = await ada.createGroup([bob.userId], { name: 'First', nonce: 'n' });
    const second = await ada.createGroup([eve.userId], { name: 'Second', nonce: 'n' });
    expect(second).toMatchObject({
      deduplicated: true,
      notAdded: [],
      channel: { id: first.channel.id, name: 'First', memberCount: 2 },
    });
    const ofEve = await eve.createGroup([], { nonce: 'n' });
    expect(ofEve).toMatchObject({ deduplicated: false });
    expect(ofEve.channel.id).not.toBe(first.channel.id);
  });

  it('makes one group when the same nonce comes several times at once', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const input = { nonce: 'at once' };
    const made = await Promise.all(Array.from({ length: 8 }, () => ada.createGroup([bob.userId], input)));
    expect(new Set(made.map(({ channel }) => channel.id)).size).toBe(1);
    expect(made.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
    expect((await ada.channels()).edges).toHaveLength(1);
    expect(await world.product.prisma.channel.count({ where: { nonce: 'at once' } })).toBe(1);
  });

  it('completes what a crash left half done', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    // The row is written first; the server died before anybody became a member.
    await world.product.prisma.channel.create({
      data: { kind: 'GROUP', name: 'Crew', createdById: rowIdOf.user(ada.userId), nonce: 'crashed' },
    });
    expect((await ada.channels()).edges).toEqual([]);
    const made = await ada.createGroup([bob.userId], { nonce: 'crashed' });
    expect(made).toMatchObject({ deduplicated: false, channel: { memberCount: 2 } });
    expect((await bob.channels()).edges.map(({ node }) => node.id)).toEqual([made.channel.id]);
  });

  it('tells a founder who is in it no more nothing of it, and makes no second one', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { channel } = await ada.createGroup([bob.userId], { nonce: 'left' });
    await ada.setRole(channel.id, bob.userId, 'OWNER');
    expect(await ada.leave(channel.id)).toMatchObject({ channelId: channel.id });
    expect(await ada.createGroup([], { nonce: 'left' })).toMatchObject({
      __typename: 'Denied',
      code: 'NOT_A_MEMBER',
    });
    expect((await ada.channels()).edges).toEqual([]);
  });

  it('tells who could not be added, and why', async () => {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    for (const name of ['one', 'two', 'three']) await bob.createGroup([], { name });
    const made = await ada.createGroup([bob.userId, eve.userId, 'usr7vvvvv', 'chn1']);
    expect(made.channel.memberCount).toBe(2);
    expect(made.notAdded).toEqual([
      {
        userId: bob.userId,
        code: 'TOO_MANY_CHANNELS',
        explanation: 'This person is in as many channels as one can be.',
      },
      ...['usr7vvvvv', 'chn1'].map((userId) => ({
        userId,
        code: 'NOT_FOUND',
        explanation: 'There is nothing here that you can see.',
      })),
    ]);
  });

  it('refuses somebody who is in as many channels as one can be, until they leave one', async () => {
    const { ada } = await people(world, 'ada');
    const made = [await ada.createGroup([]), await ada.createGroup([]), await ada.createGroup([])];
    const refused = { __typename: 'Denied', code: 'TOO_MANY_CHANNELS', until: null };
    expect(await ada.createGroup([], { nonce: 'fourth' })).toMatchObject(refused);
    await ada.leave(made[0]?.channel.id ?? '');
    expect(await ada.createGroup([], { nonce: 'fourth' })).toMatchObject({ deduplicated: false });
  });

  it('never lets somebody into one channel too many, also when several are made at once', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const owners = await Promise.all(Array.from({ length: 5 }, async () => talkerOf(await world.signUp())));
    const made = await Promise.all(owners.map((owner) => owner.createGroup([ada.userId, bob.userId])));
    const refused = made.flatMap(({ notAdded }) => notAdded.map(({ code }) => code));
    expect(refused).toEqual(Array.from({ length: 4 }, () => 'TOO_MANY_CHANNELS'));
    expect((await ada.channels()).edges).toHaveLength(3);
  });

  it('refuses more people than a group can have', async () => {
    const { ada } = await people(world, 'ada');
    const ids = Array.from({ length: 5 }, (_, index) => `usr${index}`);
    expect(await ada.createGroup(ids)).toMatchObject({ __typename: 'Denied', code: 'CHANNEL_FULL' });
    expect(await ada.createGroup(ids.slice(1))).toMatchObject({
      channel: { memberCount: expect.any(Number) },
    });
  });

  it.for([
    [{ name: ' ' }, 'EMPTY', ['name']],
    [{ name: 'x'.repeat(101) }, 'TOO_LONG', ['name']],
    [{ topic: 'a\u0000' }, 'MALFORMED', ['topic']],
    [{ nonce: '' }, 'EMPTY', ['nonce']],
    [{ nonce: 'x'.repeat(65) }, 'TOO_LONG', ['nonce']],
    [{ nonce: '\ud83d' }, 'MALFORMED', ['nonce']],
  ] as const)('refuses %j and makes nothing', async ([input, code, field]) => {
    const { ada } = await people(world, 'ada');
    expect(await ada.createGroup([], input)).toEqual({
      __typename: 'InvalidInput',
      code,
      field,
      explanation: expect.stringMatching(/\.$/),
    });
    const made = await world.product.prisma.channel.count({
      where: { createdById: rowIdOf.user(ada.userId) },
    });
    expect(made).toBe(0);
  });
});
