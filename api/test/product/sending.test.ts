import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId } from '../../../schema/ids.ts';
import { addMembers } from '../../../schema/member/add-members.ts';
import { removeMember } from '../../../schema/member/remove-member.ts';
import { sendMessage } from '../../../schema/message/send-message.ts';
import { createInOrder } from '../../../schema/stream/in-order.ts';
import { onAnotherServer, openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

async function crew() {
  const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
  const { channel } = await ada.createGroup([bob.userId]);
  return { ada, bob, eve, id: channel.id };
}
const textsIn = async (viewer: Talker, id: string) =>
  (await viewer.history(id)).edges.map(({ node }) => node.text);
const invalid = (code: string, field: string) => ({
  __typename: 'InvalidInput',
  code,
  field: [field],
  explanation: expect.stringMatching(/\.$/),
});
const denied = (code: string) => ({
  __typename: 'Denied',
  code,
  explanation: expect.any(String),
  until: null,
});

describe('sending a message', () => {
  it('shows it to everybody who is in the channel, as it was written', async () => {
    const { ada, bob, id } = await crew();
    const text = '  Two\n\tlines, 👩‍👩‍👧 and \u202ewhite space  ';
    const { message, deduplicated } = await ada.send(id, text, 'mine');
    expect(deduplicated).toBe(false);
    expect(message).toMatchObject({ number: 1, text, nonce: 'mine', editedAt: null, deletedAt: null });
    expect(message).toMatchObject({ author: { id: ada.userId }, channel: { id } });
    expect(await ada.message(message.id)).toEqual(message);
    // The nonce is the author's own.
    expect(await bob.message(message.id)).toEqual({ ...message, nonce: null });
    expect(await bob.channel(id)).toMatchObject({ lastNumber: 1, lastMessage: { id: message.id, text } });
  });

  it('numbers messages without holes, in the order of their ids, times and revisions', async () => {
    const { ada, bob, id } = await crew();
    const { eve } = await people(world, 'eve');
    for (const [talker, text] of [
      [ada, 'a'],
      [bob, 'b'],
    ] as const)
      await talker.send(id, text);
    await ada.add(id, eve.userId);
    await Promise.all(Array.from({ length: 20 }, (_, index) => ada.send(id, `c${index}`)));
    const { edges } = await ada.history(id, { first: 100 });
    const messages = edges.map(({ node }) => node);
    expect(messages.map(({ number }) => number)).toEqual(Array.from({ length: 22 }, (_, index) => index + 1));
    for (const [index, message] of messages.slice(1).entries()) {
      const before = messages[index];
      expect(before && before.id < message.id && before.revision < message.revision).toBe(true);
      expect(before && before.createdAt <= message.createdAt).toBe(true);
    }
  });

  it('keeps the order in which one socket sends, without waiting for answers', async () => {
    const person = await world.signUp();
    const { channel } = await talkerOf(person).createGroup([]);
    const scope = { ...person.scope, inOrder: createInOrder(async () => undefined) };
    const texts = Array.from({ length: 50 }, (_, index) => `${index}`);
    const channelId = incomingId(channel.id);
    await Promise.all(texts.map((text) => sendMessage(scope, { channelId, text, nonce: text })));
    expect(await textsIn(talkerOf(person), channel.id)).toEqual(texts);
  });

  it('answers the same nonce with the same message, for ever and whatever the text', async () => {
    const { ada, bob, id } = await crew();
    const first = await ada.send(id, 'first', 'n');
    for (const text of ['first', 'second']) {
      expect(await ada.send(id, text, 'n')).toEqual({ ...first, deduplicated: true });
    }
    for (let count = 0; count < 70; count += 1) await bob.send(id, `${count}`);
    expect(await ada.send(id, 'third', 'n')).toEqual({ ...first, deduplicated: true });
    expect(await textsIn(ada, id)).not.toContain('second');
    // Spaces make another nonce; so does another case.
    expect(await ada.send(id, 'fourth', ' n')).toMatchObject({ deduplicated: false });
    expect(await ada.send(id, 'fifth', 'N')).toMatchObject({ deduplicated: false });
  });

  it('sends once what several attempts send at once', async () => {
    const { ada, id } = await crew();
    const sent = await Promise.all(
      Array.from({ length: 10 }, (_, index) => ada.send(id, `try ${index}`, 'n')),
    );
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(sent.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
    expect((await ada.channel(id))?.lastNumber).toBe(1);
  });

  it('takes the same nonce in another channel for another message', async () => {
    const { ada, bob, id } = await crew();
    const { channel } = await ada.createGroup([bob.userId]);
    const [here, there] = [await ada.send(id, 'here', 'n'), await ada.send(channel.id, 'there', 'n')];
    expect([here.deduplicated, there.deduplicated]).toEqual([false, false]);
  });

  it('answers a repeated nonce with the message as it is now', async () => {
    const { ada, id } = await crew();
    const { message } = await ada.send(id, 'first', 'n');
    await ada.edit(message.id, 'edited');
    expect(await ada.send(id, 'first', 'n')).toMatchObject({
      deduplicated: true,
      message: { text: 'edited' },
    });
    await ada.erase(message.id);
    expect(await ada.send(id, 'first', 'n')).toMatchObject({
      deduplicated: true,
      message: { id: message.id, text: null, deletedAt: expect.any(String) },
    });
  });
});

describe('who was removed meanwhile', () => {
  it('still learns that a message was sent, and nothing else', async () => {
    const { ada, bob, id } = await crew();
    const { message } = await bob.send(id, 'before', 'n');
    await ada.remove(id, bob.userId);
    expect(await bob.send(id, 'before', 'n')).toEqual({
      __typename: 'SendMessagePayload',
      deduplicated: true,
      message,
    });
    expect(await bob.send(id, 'after', 'other')).toEqual(denied('NOT_A_MEMBER'));
    expect(await textsIn(ada, id)).toEqual(['before']);
  });

  it('learns from that message nothing that came later', async () => {
    const { ada, bob, eve, id } = await crew();
    await bob.send(id, 'before', 'n');
    await ada.remove(id, bob.userId);
    await ada.add(id, eve.userId);
    await ada.send(id, 'after');
    const document = `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) {
      ... on SendMessagePayload { message { text channel {
        id name topic memberCount lastNumber lastMessage { text }
        members { edges { node { user { id } } } } messages { edges { node { text } } }
      } } }
    } }`;
    const input = { channelId: id, text: 'before', nonce: 'n' };
    expect(await bob.query(document, { input })).toEqual({
      result: {
        message: {
          text: 'before',
          channel: {
            id,
            name: null,
            topic: null,
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
});

describe('who was added a moment ago by another server', () => {
  it('may send at once, also when this one has just refused them', async () => {
    const owner = await world.signUp();
    const { bob, eve } = await people(world, 'bob', 'eve');
    const { id } = (await talkerOf(owner).createGroup([bob.userId])).channel;
    expect(await eve.send(id, 'too early')).toEqual(denied('NOT_FOUND'));
    await bob.send(id, 'hello');
    const other = await onAnotherServer(world, owner);
    const channelId = incomingId(id);
    await addMembers(other.scope, { channelId, userIds: [eve.userId] });
    expect(await eve.send(id, 'in time')).toMatchObject({ deduplicated: false });
    // Who was removed there may go on here for two seconds, never longer; the refusal of others is as of now.
    await removeMember(other.scope, { channelId, userId: bob.userId });
    expect(await bob.message((await talkerOf(owner).send(id, 'private')).message.id)).toBeNull();
    await other.close();
  });
});

describe('what cannot be sent', () => {
  it.for([
    ['', 'EMPTY'],
    [' \n ', 'EMPTY'],
    ['x'.repeat(4_001), 'TOO_LONG'],
    ['👍'.repeat(4_001), 'TOO_LONG'],
    ['a\u0000b', 'MALFORMED'],
    ['a\ud83d', 'MALFORMED'],
    ['\udc4d', 'MALFORMED'],
  ] as const)('%#: %s', async ([text, code]) => {
    const { ada, id } = await crew();
    expect(await ada.send(id, text)).toEqual(invalid(code, 'text'));
    expect((await ada.channel(id))?.lastNumber).toBe(0);
  });

  it('is not what just fits', async () => {
    const { ada, bob, id } = await crew();
    for (const text of ['👍'.repeat(4_000), 'x'.repeat(4_000)]) {
      const { message } = await ada.send(id, text);
      expect((await bob.message(message.id))?.text).toBe(text);
    }
  });

  it.for([
    ['', 'EMPTY'],
    ['   ', 'EMPTY'],
    ['x'.repeat(65), 'TOO_LONG'],
    [`x${' '.repeat(10_000)}`, 'TOO_LONG'],
    ['a\nb', 'MALFORMED'],
    ['a\u0000', 'MALFORMED'],
    ['\ud83d', 'MALFORMED'],
  ] as const)('with such a nonce: %#, %s', async ([nonce, code]) => {
    const { ada, id } = await crew();
    expect(await ada.send(id, 'text', nonce)).toEqual(invalid(code, 'nonce'));
  });

  it('is a message to a channel that one is not in, or that there is not', async () => {
    const { ada, eve, id } = await crew();
    for (const channelId of [id, 'chn7vvvvv', 'chn', '', `${id}'--`, ada.userId, 'chnvvvvvvvvvvvvvvvv'])
      expect(await eve.send(channelId, 'Hello')).toEqual(denied('NOT_FOUND'));
  });
});

describe('more than a channel can take', () => {
  it('is refused for the moment, and sent when it is repeated', async () => {
    const { ada, bob, id } = await crew();
    await ada.send(id, 'known');
    const nonces = Array.from({ length: 1_100 }, (_, index) => `n${index}`);
    const sent = await Promise.all(nonces.map((nonce) => ada.send(id, nonce, nonce)));
    const refused = nonces.filter((_, index) => sent[index]?.code !== undefined);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of sent.filter(({ code }) => code !== undefined)) {
      expect(answer).toEqual({ ...denied('RATE_LIMITED'), until: expect.any(String) });
    }
    for (const nonce of refused)
      expect(await ada.send(id, nonce, nonce)).toMatchObject({ deduplicated: false });
    expect((await bob.channel(id))?.lastNumber).toBe(1_101);
  });
});

describe('a server with narrower limits', () => {
  it('counts characters and bytes, and knows what it took before they were narrowed', async () => {
    const narrow = await openWorld({ limits: { charactersPerMessage: 10, bytesPerMessage: 12 } });
    try {
      const { ada } = await people(narrow, 'ada');
      const { channel } = await ada.createGroup([]);
      expect(await ada.send(channel.id, '👍👍👍')).toMatchObject({ deduplicated: false });
      expect(await ada.send(channel.id, '👍👍👍👍')).toEqual(invalid('TOO_LONG', 'text'));
      expect(await ada.send(channel.id, 'x'.repeat(11))).toEqual(invalid('TOO_LONG', 'text'));
      const { message } = await ada.send(channel.id, 'short', 'n');
      const again = await ada.send(channel.id, 'far too long by now', 'n');
      expect(again).toMatchObject({ deduplicated: true, message: { id: message.id } });
    } finally {
      await narrow.close();
    }
  });
});
