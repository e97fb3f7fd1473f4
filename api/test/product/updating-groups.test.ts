import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { people, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

/** A group of Ada, who owns it, an admin and a member. */
async function crew() {
  const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
  const { id } = (await ada.createGroup([bob.userId, eve.userId], { topic: 'Sailing' })).channel;
  await ada.setRole(id, bob.userId, 'ADMIN');
  return { ada, bob, eve, id };
}

describe('changing a group', () => {
  it('changes what is given, and leaves the rest', async () => {
    const { ada, bob, eve, id } = await crew();
    const like = { __typename: 'UpdateGroupPayload' };
    expect(await bob.updateGroup(id, { name: '  Fleet ' })).toMatchObject({
      ...like,
      channel: { name: 'Fleet', topic: 'Sailing', historyVisibility: 'FROM_JOINING', memberCount: 3 },
    });
    expect(await ada.updateGroup(id, { topic: ' Ports\nand harbours ' })).toMatchObject({
      ...like,
      channel: { name: 'Fleet', topic: 'Ports\nand harbours' },
    });
    expect(await bob.updateGroup(id, { historyVisibility: 'ALL' })).toMatchObject({
      channel: { name: 'Fleet', historyVisibility: 'ALL' },
    });
    expect(await eve.channel(id)).toMatchObject({
      name: 'Fleet',
      topic: 'Ports\nand harbours',
      historyVisibility: 'ALL',
    });
  });

  it.for([[{ topic: null }], [{ topic: '' }], [{ topic: ' \n ' }]] as const)(
    'takes the topic away with %j',
    async ([input]) => {
      const { ada, id } = await crew();
      expect(await ada.updateGroup(id, input)).toMatchObject({ channel: { name: 'Crew', topic: null } });
    },
  );

  it('is told to everybody, with who did it, and what is so then', async () => {
    const { ada, bob, eve, id } = await crew();
    const phone = talkerOf(await world.signIn(bob.handle));
    const followers = [ada, bob, eve, phone];
    const cursors = await Promise.all(followers.map((follower) => follower.syncCursor()));
    await bob.updateGroup(id, { name: 'Fleet', topic: null });
    for (const [n, follower] of followers.entries()) {
      const { events } = await follower.changes([cursors[n] ?? '']);
      expect(events).toMatchObject([
        {
          __typename: 'ChannelUpdated',
          channelId: id,
          channel: { name: 'Fleet', topic: null },
          by: { id: bob.userId },
        },
      ]);
    }
  });

  it('by what is so already changes nothing, and nobody hears of it', async () => {
    const { ada, bob, id } = await crew();
    const cursor = await bob.syncCursor();
    for (const input of [
      {},
      { name: 'Crew' },
      { name: ' Crew ', topic: 'Sailing', historyVisibility: 'FROM_JOINING' },
    ])
      expect(await ada.updateGroup(id, input)).toMatchObject({ channel: { name: 'Crew', topic: 'Sailing' } });
    expect((await bob.changes([cursor])).events).toEqual([]);
  });

  it('by several at once leaves what one of them said, and tells all of it in order', async () => {
    const { ada, bob, eve, id } = await crew();
    const cursor = await eve.syncCursor();
    await Promise.all(
      upTo(10).map((n) =>
        (n % 2 ? ada : bob).updateGroup(id, n % 2 ? { name: `N${n}` } : { topic: `T${n}` }),
      ),
    );
    const channel = await eve.channel(id);
    expect(channel).toMatchObject({ name: expect.stringMatching(/^N/), topic: expect.stringMatching(/^T/) });
    const { events } = await eve.changes([cursor]);
    expect(events.map(({ __typename }) => __typename)).toEqual(upTo(10).map(() => 'ChannelUpdated'));
    expect(events.at(-1)?.channel).toMatchObject({ name: channel?.name, topic: channel?.topic });
  });

  it.for([
    [{ name: '' }, 'EMPTY', 'name'],
    [{ name: null }, 'EMPTY', 'name'],
    [{ name: 'x'.repeat(101) }, 'TOO_LONG', 'name'],
    [{ name: 'a\u0007' }, 'MALFORMED', 'name'],
    [{ topic: 'x'.repeat(501) }, 'TOO_LONG', 'topic'],
    [{ topic: 'a\u0000' }, 'MALFORMED', 'topic'],
    [{ name: 'Fleet', historyVisibility: null }, 'EMPTY', 'historyVisibility'],
  ] as const)('refuses %j, and changes nothing', async ([input, code, field]) => {
    const { ada, id } = await crew();
    expect(await ada.updateGroup(id, input)).toEqual({
      __typename: 'InvalidInput',
      code,
      field: [field],
      explanation: expect.stringMatching(/\.$/),
    });
    expect(await ada.channel(id)).toMatchObject({ name: 'Crew', topic: 'Sailing' });
  });

  it('is refused to who may not, also when it would change nothing', async () => {
    const { ada, eve, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    expect(await eve.updateGroup(id, { name: 'Fleet' })).toMatchObject({ code: 'ROLE_TOO_LOW' });
    expect(await eve.updateGroup(id, {})).toMatchObject({ code: 'ROLE_TOO_LOW' });
    expect(await zoe.updateGroup(id, { name: 'Fleet' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ada.updateGroup('chn7vvvvv', { name: 'Fleet' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ada.channel(id)).toMatchObject({ name: 'Crew' });
  });
});

describe('history visibility', () => {
  it('shows everybody everything, and hides again what was there before their joining', async () => {
    const { ada, bob, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    const texts = async () => (await zoe.history(id)).edges.map(({ node }) => node.text);
    const { message } = await ada.send(id, 'before');
    await ada.add(id, zoe.userId);
    await ada.send(id, 'after');
    expect(await texts()).toEqual(['after']);
    expect(await zoe.message(message.id)).toBeNull();
    await bob.updateGroup(id, { historyVisibility: 'ALL' });
    expect(await texts()).toEqual(['before', 'after']);
    expect(await zoe.message(message.id)).toMatchObject({ text: 'before' });
    await bob.updateGroup(id, { historyVisibility: 'FROM_JOINING' });
    expect(await texts()).toEqual(['after']);
    expect(await zoe.message(message.id)).toBeNull();
  });
});
