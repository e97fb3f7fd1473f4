import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutations } from '../product/documents.ts';
import { people } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';

// Messages in somebody else's name, and nonces of others.

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

async function crew() {
  const { ada, bob, zoe } = await people(world, 'ada', 'bob', 'zoe');
  const { channel } = await ada.createGroup([bob.userId]);
  return { ada, bob, zoe, id: channel.id };
}

describe('A9: what the server says of a message', () => {
  it.for([
    ['authorId', 'usr1'],
    ['senderId', 'usr1'],
    ['author', { id: 'usr1' }],
    ['createdAt', '2001-01-01T00:00:00.000Z'],
    ['seq', 1],
    ['number', 1],
    ['revision', 1],
    ['kind', 'member.removed'],
    ['__typename', 'MemberRemoved'],
    ['deletedAt', null],
  ] as const)('cannot be said by its sender: %s', async ([name, value]) => {
    const { bob, id } = await crew();
    const input = { channelId: id, text: 'text', nonce: 'n', [name]: value };
    const { errors } = await bob.execute(mutations.sendMessage, { input });
    expect(errors).toHaveLength(1);
    expect((await bob.channel(id))?.lastNumber).toBe(0);
  });

  it('is who is signed in, when, and where it stands', async () => {
    const { ada, bob, id } = await crew();
    const before = new Date().toISOString();
    await ada.send(id, 'first');
    const { message } = await bob.send(id, JSON.stringify({ authorId: ada.userId, kind: 'member.removed' }));
    expect(message).toMatchObject({ number: 2, author: { id: bob.userId } });
    expect(message.createdAt >= before && message.createdAt <= new Date().toISOString()).toBe(true);
  });

  it.for(['membership:4', 's:membership:4', 'c:membership:4', 'delete:3', 's:delete:3', 'edit:3'])(
    'is not swallowed by a message with the nonce %s',
    async (nonce) => {
      const { ada, bob, zoe, id } = await crew();
      const cursor = await ada.syncCursor();
      for (const talker of [bob, ada])
        expect(await talker.send(id, 'text', nonce)).toMatchObject({ deduplicated: false });
      const [first] = (await ada.history(id)).edges;
      await ada.add(id, zoe.userId);
      await ada.erase(first?.node.id ?? '');
      await ada.remove(id, bob.userId);
      const { events } = await ada.changes([cursor]);
      expect(events.map(({ __typename }) => __typename)).toEqual([
        'MessageSent',
        'MessageSent',
        'MemberAdded',
        'MessageDeleted',
        'MemberRemoved',
      ]);
      expect(await bob.channel(id)).toBeNull();
    },
  );
});

describe('A10: a nonce that was used', () => {
  it('answers its own author with what it made, whatever the text', async () => {
    const { ada, bob, id } = await crew();
    const { message } = await bob.send(id, 'first', 'n');
    expect(await bob.send(id, 'second', 'n')).toMatchObject({
      deduplicated: true,
      message: { text: 'first' },
    });
    const { edges } = await ada.history(id);
    expect(edges.map(({ node }) => node.id)).toEqual([message.id]);
  });

  it('is of no use to anybody else: it neither tells nor hinders', async () => {
    const { ada, bob, zoe, id } = await crew();
    const { message } = await bob.send(id, 'first', 'n');
    const ofAda = await ada.send(id, 'also', 'n');
    expect(ofAda).toMatchObject({
      deduplicated: false,
      message: { text: 'also', author: { id: ada.userId } },
    });
    expect(ofAda.message.id).not.toBe(message.id);
    // Who is not in the channel does not learn that there is such a nonce.
    expect(await zoe.send(id, 'first', 'n')).toEqual(await zoe.send(id, 'first', 'unused'));
    expect(await zoe.send(id, 'first', 'n')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of a group is of no use to anybody else either', async () => {
    const { ada, bob } = await crew();
    const first = await ada.createGroup([], { nonce: 'group' });
    const second = await bob.createGroup([], { nonce: 'group' });
    expect(second).toMatchObject({ deduplicated: false });
    expect(second.channel.id).not.toBe(first.channel.id);
    expect(await bob.channel(first.channel.id)).toBeNull();
  });
});
