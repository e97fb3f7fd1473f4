import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { type Reply, readings, reply } from './replying.ts';
import { people, type Talker } from './talker.ts';

describe.each(['memory', 'postgres'] as const)('a reply, with the log in %s', (log) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ log });
  });
  afterAll(() => world.close());

  async function crew(historyVisibility = 'FROM_JOINING') {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const { id } = (await ada.createGroup([bob.userId], { historyVisibility })).channel;
    const { message } = await ada.send(id, 'question');
    return { ada, bob, eve, id, message };
  }

  it('says what it answers, and shows it as it is now', async () => {
    const { ada, bob, id, message } = await crew();
    const sent = await reply(bob, id, { text: 'answer', replyToId: message.id });
    const answered = { id: message.id, number: 1, text: 'question', replyToNumber: null, replyTo: null };
    expect(sent).toMatchObject({
      deduplicated: false,
      message: { text: 'answer', number: 2, replyToNumber: 1, replyTo: answered },
    });
    await ada.edit(message.id, 'QUESTION');
    for (const read of [readings.history, readings['a message by its id']])
      expect((await read(ada, id))[1]).toMatchObject({ replyTo: { text: 'QUESTION' } });
    const third = await reply(ada, id, { replyToId: sent.message.id });
    expect(third.message).toMatchObject({
      replyToNumber: 2,
      replyTo: { replyToNumber: 1, replyTo: { id: message.id } },
    });
  });

  it('stays a reply when it is edited, and a tombstone of one when it is deleted', async () => {
    const { bob, id, message } = await crew();
    const sent = await reply(bob, id, { replyToId: message.id });
    for (const act of [() => bob.edit(sent.message.id, 'edited'), () => bob.erase(sent.message.id)]) {
      await act();
      expect((await readings.history(bob, id))[1]).toMatchObject({
        replyToNumber: 1,
        replyTo: { id: message.id },
      });
    }
  });

  it('to a deleted message is refused; one that was there before points to the tombstone', async () => {
    const { ada, bob, id, message } = await crew();
    await reply(bob, id, { replyToId: message.id });
    await ada.erase(message.id);
    expect(await reply(bob, id, { replyToId: message.id })).toMatchObject({ code: 'ALREADY_DELETED' });
    const tombstone = { id: message.id, number: 1, text: null };
    expect((await readings.history(bob, id))[1]).toMatchObject({ replyToNumber: 1, replyTo: tombstone });
    expect(await readings.history(bob, id)).toHaveLength(2);
  });

  it('answers only what the sender sees in that channel', async () => {
    const { ada, bob, eve, id, message } = await crew();
    const elsewhere = (await ada.createGroup([bob.userId])).channel.id;
    const other = (await ada.send(elsewhere, 'other')).message.id;
    const added = message.id.replace(/.$/, '1'); // the place of an event that is no message
    await ada.add(id, eve.userId);
    for (const replyToId of [other, added, id, '', 'msg', `${message.id}0`, message.id.replace(/.$/, 'v')])
      expect(await reply(ada, id, { replyToId }), replyToId).toMatchObject({ code: 'NOT_FOUND' });
    // Eve has come later.
    expect(await reply(eve, id, { replyToId: message.id })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await reply(eve, elsewhere, { replyToId: other })).toMatchObject({ code: 'NOT_FOUND' });
    await ada.remove(id, bob.userId);
    expect(await reply(bob, id, { replyToId: message.id })).toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(await readings.history(ada, id)).toHaveLength(1);
  });

  it('that is repeated is answered with the first message, whatever it answers then', async () => {
    const { ada, bob, id, message } = await crew();
    const first = await reply(bob, id, { replyToId: message.id, nonce: 'n' });
    const plain = await bob.send(id, 'plain', 'p');
    await ada.erase(message.id);
    const tombstone = { ...first.message.replyTo, text: null };
    for (const replyToId of [message.id, first.message.id, 'nonsense', null])
      expect(await reply(bob, id, { replyToId, nonce: 'n' })).toEqual({
        ...first,
        deduplicated: true,
        message: { ...first.message, replyTo: tombstone },
      });
    const again = await reply(bob, id, { replyToId: first.message.id, nonce: 'p' });
    expect(again).toMatchObject({ deduplicated: true, message: { id: plain.message.id, replyTo: null } });
  });

  it('shows nothing of what it answers to its own author who was removed since', async () => {
    const { ada, bob, id, message } = await crew();
    await reply(bob, id, { replyToId: message.id, nonce: 'n' });
    await ada.remove(id, bob.userId);
    await ada.edit(message.id, 'not for Bob');
    const again = await reply(bob, id, { replyToId: message.id, nonce: 'n' });
    expect(again).toMatchObject({ deduplicated: true, message: { replyToNumber: 1, replyTo: null } });
  });

  describe('for somebody who came after what it answers', () => {
    /** Two replies: one to what was said before Eve came, one to what was said since, and one to the first reply. */
    async function lateEve(historyVisibility: string) {
      const { ada, bob, eve, id, message } = await crew(historyVisibility);
      const from = { ada: await ada.syncCursor(), eve: '' };
      await ada.add(id, eve.userId);
      from.eve = await eve.syncCursor();
      const { message: since } = await ada.send(id, 'since');
      const old = await reply(bob, id, { text: 'to old', replyToId: message.id });
      await reply(bob, id, { text: 'to since', replyToId: since.id });
      await reply(bob, id, { text: 'to reply', replyToId: old.message.id });
      await bob.edit(old.message.id, 'edited');
      return { ada, eve, id, from };
    }
    const shown = (messages: readonly Reply[]) => {
      const newest = new Map(messages.map((message) => [message.number, message]));
      return [...newest.values()]
        .filter(({ replyToNumber }) => replyToNumber !== null)
        .map(({ text, replyToNumber, replyTo }) => {
          const inner = replyTo?.replyToNumber ? ` (${replyTo.replyTo ? 'seen' : 'unseen'})` : '';
          return `${text}: ${replyToNumber} ${replyTo?.text ?? '-'}${inner}`;
        });
    };
    const everything = ['edited: 1 question', 'to since: 2 since', 'to reply: 3 edited (seen)'];
    const fromJoining = ['edited: 1 -', 'to since: 2 since', 'to reply: 3 edited (unseen)'];

    it.for(Object.entries(readings))('is without it, and with its number, in %s', async ([, read]) => {
      const { ada, eve, id, from } = await lateEve('FROM_JOINING');
      expect(shown(await read(eve, id, from.eve))).toEqual(fromJoining);
      expect(shown(await read(ada, id, from.ada))).toEqual(everything);
    });

    it.for(Object.entries(readings))('is whole where all history is shown, in %s', async ([, read]) => {
      const { eve, id, from } = await lateEve('ALL');
      expect(shown(await read(eve, id, from.eve))).toEqual(everything);
    });
  });

  it('has the hole of an absence', async () => {
    const { ada, bob, id, message } = await crew();
    await ada.remove(id, bob.userId);
    const away = (await ada.send(id, 'away')).message.id;
    await ada.add(id, bob.userId);
    for (const replyToId of [message.id, away]) await reply(ada, id, { replyToId });
    const texts = async (talker: Talker) =>
      (await readings.history(talker, id)).map(({ replyTo }) => replyTo?.text ?? null);
    expect(await texts(ada)).toEqual([null, null, 'question', 'away']);
    expect(await texts(bob)).toEqual([null, 'question', null]);
  });
});
