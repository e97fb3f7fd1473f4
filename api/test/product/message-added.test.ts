import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { type Followed, type Message, people, until } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

async function crew(historyVisibility = 'FROM_JOINING') {
  const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
  const { channel } = await ada.createGroup([bob.userId], { historyVisibility });
  return { ada, bob, eve, id: channel.id };
}
const textsUpTo = async (messages: Followed<Message>, last: string) =>
  (await until(messages, ({ text }) => text === last)).map(({ text }) => text);

describe('the messages of one channel', () => {
  it('are those behind a number, however many, then each new one', async () => {
    const { ada, bob, eve, id } = await crew();
    await Promise.all(Array.from({ length: 240 }, (_, index) => ada.send(id, `${index + 1}`)));
    await ada.add(id, eve.userId); // an event that is no message
    const messages = await bob.messageAdded(id, 3);
    const numbers = (await until(messages, ({ number }) => number === 240)).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 237 }, (_, index) => index + 4));
    await eve.send(id, 'new');
    expect(await textsUpTo(messages, 'new')).toEqual(['new']);
    await messages.return?.();
  });

  it('are new ones only when no number is given', async () => {
    const { ada, bob, id } = await crew();
    await ada.send(id, 'old');
    const messages = await bob.messageAdded(id);
    await ada.send(id, 'new', 'n');
    const { value } = await messages.next();
    expect(value).toMatchObject({ text: 'new', number: 2, nonce: null, author: { id: ada.userId } });
    await messages.return?.();
  });

  it('are not those of before one came, nor of when one was away', async () => {
    const { ada, bob, eve, id } = await crew();
    await ada.send(id, 'before');
    await ada.add(id, eve.userId);
    await ada.send(id, 'one');
    await ada.remove(id, eve.userId);
    await ada.send(id, 'away');
    await ada.add(id, eve.userId);
    await ada.send(id, 'two');
    const [ofEve, ofBob] = [await eve.messageAdded(id, 0), await bob.messageAdded(id, 0)];
    expect(await textsUpTo(ofEve, 'two')).toEqual(['one', 'two']);
    expect(await textsUpTo(ofBob, 'two')).toEqual(['before', 'one', 'away', 'two']);
    await Promise.all([ofEve.return?.(), ofBob.return?.()]);
  });

  it('are all where the channel shows everything', async () => {
    const { ada, eve, id } = await crew('ALL');
    await ada.send(id, 'before');
    await ada.add(id, eve.userId);
    await ada.send(id, 'after');
    const messages = await eve.messageAdded(id, 0);
    expect(await textsUpTo(messages, 'after')).toEqual(['before', 'after']);
    await messages.return?.();
  });

  it('end when one is removed, after what was said before', async () => {
    const { ada, bob, id } = await crew();
    const messages = await bob.messageAdded(id);
    await ada.send(id, 'one');
    await ada.remove(id, bob.userId);
    await ada.send(id, 'two');
    const seen: (string | null)[] = [];
    for await (const { text } of messages) seen.push(text);
    expect(seen).toEqual(['one']);
  });

  it('show the text as it is when it is delivered', async () => {
    const { ada, bob, id } = await crew();
    const { message } = await ada.send(id, 'frist');
    await ada.edit(message.id, 'first');
    const messages = await bob.messageAdded(id, 0);
    const { value } = await messages.next();
    expect(value).toMatchObject({ id: message.id, text: 'first', editedAt: expect.any(String) });
    await messages.return?.();
  });

  it('are refused to who is not in the channel, as if there were none', async () => {
    const { ada, bob, eve, id } = await crew();
    await ada.remove(id, bob.userId);
    const refused = expect.objectContaining({ extensions: { code: 'NOT_FOUND' } });
    for (const stranger of [bob, eve]) {
      await expect(stranger.messageAdded(id, 0)).rejects.toEqual(refused);
      await expect(stranger.messageAdded('chn7vvvvv')).rejects.toEqual(refused);
    }
  });
});
