import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Event, people, type Talker, until } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';

// A2, A5, A6: what is not the viewer's to see looks as if there were none, by every way to it.

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

/** Whatever can be asked about an id, as one answer. */
const everything = `query ($id: ID!) {
  channel(id: $id) { id name } message(id: $id) { id text } node(id: $id) { __typename id }
  nodes(ids: [$id]) { __typename id }
}`;
const nothing = { channel: null, message: null, node: null, nodes: [null] };

/** A group with a message; what Zoe may try. */
async function secrets() {
  const { ada, bob, zoe } = await people(world, 'ada', 'bob', 'zoe');
  const { channel } = await ada.createGroup([bob.userId], { name: 'Secret' });
  const { message } = await ada.send(channel.id, 'secret');
  return { ada, bob, zoe, id: channel.id, message, memberId: channel.viewerState.member.id };
}

describe("A2: somebody else's ids", () => {
  it('find the same nothing as ids that do not exist, without an error', async () => {
    const { zoe, id, message, memberId } = await secrets();
    const foreign = [id, message.id, memberId];
    const missing = ['chn7vvvvv', 'msg7vvvvv.00000000001', 'mbr7vvvvv', `${message.id.slice(0, -1)}9`];
    for (const wanted of [...foreign, ...missing]) {
      expect(await zoe.execute(everything, { id: wanted }), wanted).toEqual({ data: nothing });
    }
  });

  it('find nothing when they are of another type, or damaged', async () => {
    const { ada, id, message, memberId } = await secrets();
    const swapped = [
      id.replace('chn', 'msg'),
      message.id.replace('msg', 'chn'),
      memberId.replace('mbr', 'chn'),
      `${id} `,
      id.toUpperCase(),
      `${id}'; DROP TABLE channel; --`,
      `${message.id}%`,
      'msg1.zzzzzzzzzzz',
      `msg${'v'.repeat(12)}.${'v'.repeat(11)}`,
      `chn${'v'.repeat(12)}`,
      `chn${'v'.repeat(13)}`,
      '\u0000',
      '',
    ];
    for (const wanted of swapped)
      expect(await ada.execute(everything, { id: wanted }), wanted).toEqual({ data: nothing });
    const answer = await ada.execute(everything, { id });
    expect(answer).toEqual({
      data: {
        ...nothing,
        channel: { id, name: 'Secret' },
        node: { __typename: 'Channel', id },
        nodes: [{ __typename: 'Channel', id }],
      },
    });
  });

  it('are refused by every mutation as if there were nothing', async () => {
    const { ada, zoe, id, message } = await secrets();
    const attempts = (channelId: string, messageId: string) => [
      zoe.send(channelId, 'hello'),
      zoe.add(channelId, zoe.userId),
      zoe.remove(channelId, ada.userId),
      zoe.remove(channelId, zoe.userId),
      zoe.leave(channelId),
      zoe.edit(messageId, 'mine now'),
      zoe.erase(messageId),
    ];
    const foreign = await Promise.all(attempts(id, message.id));
    expect(foreign).toEqual(await Promise.all(attempts('chn7vvvvv', 'msg7vvvvv.00000000001')));
    expect(new Set(foreign.map(({ code }) => code))).toEqual(new Set(['NOT_FOUND']));
    expect(await ada.message(message.id)).toEqual(message);
    expect((await ada.members(id)).edges).toHaveLength(2);
  });

  it('open no subscription', async () => {
    const { zoe, id } = await secrets();
    const refused = expect.objectContaining({ extensions: { code: 'NOT_FOUND' } });
    await expect(zoe.messageAdded(id, 0)).rejects.toEqual(refused);
    await expect(zoe.messageAdded('chn7vvvvv', 0)).rejects.toEqual(refused);
  });
});

describe('A5: what was said while one was not there', () => {
  async function late() {
    const { ada, bob, zoe, id, message } = await secrets();
    await ada.add(id, zoe.userId);
    const { message: seen } = await ada.send(id, 'seen');
    await ada.remove(id, bob.userId);
    const { message: away } = await ada.send(id, 'said while Bob was away');
    await ada.add(id, bob.userId);
    return { ada, bob, zoe, id, message, seen, away };
  }
  const cursorOf = (number: number) => Buffer.from(`n${number}`).toString('base64url');
  const textsOf = async (talker: Talker, id: string, args: object) =>
    (await talker.history(id, args)).edges.map(({ node }) => node.text);

  it('is in no page, whatever cursor it begins at', async () => {
    const { bob, zoe, id } = await late();
    for (const args of [
      { first: 100 },
      { last: 100 },
      { first: 100, after: cursorOf(0) },
      { last: 100, before: cursorOf(9) },
      { first: 1, after: cursorOf(0), before: cursorOf(4) },
    ]) {
      const ofZoe = await textsOf(zoe, id, args);
      expect(ofZoe).not.toContain('secret');
      expect(await textsOf(bob, id, args)).not.toContain('said while Bob was away');
    }
    expect(await textsOf(zoe, id, { first: 9, before: cursorOf(2) })).toEqual([]);
    expect(await textsOf(bob, id, { first: 9, after: cursorOf(2), before: cursorOf(4) })).toEqual([]);
  });

  it('is not found by its id', async () => {
    const { bob, zoe, message, seen, away } = await late();
    expect(await zoe.execute(everything, { id: message.id })).toEqual({ data: nothing });
    expect(await bob.execute(everything, { id: away.id })).toEqual({ data: nothing });
    expect(await zoe.message(seen.id)).toMatchObject({ text: 'seen' });
    expect(await bob.message(message.id)).toMatchObject({ text: 'secret' });
  });

  it('cannot be edited or deleted, not even by an owner who came later', async () => {
    const { ada, zoe, id, message } = await late();
    await world.product.prisma.member.updateMany({ where: {}, data: { role: 'OWNER' } });
    expect(await zoe.erase(message.id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await zoe.edit(message.id, 'mine')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ada.message(message.id)).toMatchObject({ text: 'secret' });
    expect((await ada.channel(id))?.memberCount).toBe(3);
  });

  it('is not what was said last, nor among the messages of a subscription', async () => {
    const { ada, zoe } = await late();
    const { channel } = await ada.createGroup([]);
    await ada.send(channel.id, 'secret');
    await ada.add(channel.id, zoe.userId);
    expect(await zoe.channel(channel.id)).toMatchObject({ lastMessage: null, lastNumber: 1 });
    const messages = await zoe.messageAdded(channel.id, 0);
    await ada.send(channel.id, 'hello');
    expect((await messages.next()).value).toMatchObject({ number: 2, text: 'hello' });
    await messages.return?.();
  });
});

describe('A5: what is edited or deleted of it', () => {
  it('reaches nobody who could not read it, by whatever way they listen', async () => {
    const { ada, zoe, id, message } = await secrets();
    const { message: other } = await ada.send(id, 'another secret');
    await ada.add(id, zoe.userId);
    const cursor = await zoe.syncCursor();
    const live = await zoe.events([cursor]);
    await ada.edit(message.id, 'a better secret');
    await ada.erase(other.id);
    await ada.send(id, 'hello');
    const isHello = ({ message: said }: Event) => said?.text === 'hello';
    for (const events of [await until(live, isHello), (await zoe.changes([cursor])).events]) {
      const told = events.filter(({ channelId }) => channelId === id);
      expect(told.map(({ __typename }) => __typename)).toEqual([
        'MessageEdited',
        'MessageDeleted',
        'MessageSent',
      ]);
      expect(told.slice(0, 2).map((event) => event.message)).toEqual([null, null]);
      expect(JSON.stringify(events)).not.toContain('secret');
    }
    await live.return?.();
  });

  it('reaches everybody where the channel shows everything', async () => {
    const { ada, zoe } = await people(world, 'ada', 'zoe');
    const { id } = (await ada.createGroup([], { historyVisibility: 'ALL' })).channel;
    const { message } = await ada.send(id, 'old');
    await ada.add(id, zoe.userId);
    const cursor = await zoe.syncCursor();
    await ada.edit(message.id, 'edited');
    expect((await zoe.changes([cursor])).events).toMatchObject([
      { message: { id: message.id, text: 'edited' } },
    ]);
  });
});

describe('A6: one thing inside another', () => {
  it('is judged again: a message leads to no member of a channel that one has left', async () => {
    const { ada, bob, id } = await secrets();
    const { message } = await bob.send(id, 'mine', 'n');
    await ada.remove(id, bob.userId);
    const inner = `message { id channel { id name topic memberCount lastNumber lastMessage { text }
      members { edges { node { user { handle } } } } messages { edges { node { text } } } } }`;
    const erase = `mutation ($id: ID!) { result: deleteMessage(input: { messageId: $id }) {
      __typename ... on DeleteMessagePayload { ${inner} } } }`;
    const send = `mutation ($id: ID!) { result: sendMessage(input: { channelId: $id, text: "mine", nonce: "n" }) {
      __typename ... on SendMessagePayload { ${inner} } } }`;
    expect(await bob.query(erase, { id: message.id })).toEqual({ result: { __typename: 'Denied' } });
    expect(await bob.query(send, { id })).toMatchObject({
      result: {
        message: {
          id: message.id,
          channel: {
            id,
            name: null,
            memberCount: 0,
            lastNumber: 0,
            lastMessage: null,
            members: { edges: [] },
            messages: { edges: [] },
          },
        },
      },
    });
  });

  it('shows a nonce to the author only, by whatever way a message comes', async () => {
    const { ada, bob, id } = await secrets();
    await ada.send(id, 'text', 'private to Ada');
    const { message } = await bob.send(id, 'text', 'private to Bob');
    const [channels, history, channel] = [await bob.channels(), await bob.history(id), await bob.channel(id)];
    const { events } = await ada.changes([await ada.syncCursor()]);
    expect(events).toEqual([]);
    const seen = JSON.stringify([channels, history, channel, await bob.message(message.id)]);
    expect(seen).toContain('private to Bob');
    expect(seen).not.toContain('private to Ada');
  });
});
