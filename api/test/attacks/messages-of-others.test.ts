import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutations } from '../product/documents.ts';
import { people, type Talker } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';

// Changing, deleting and answering what is not one's own, or is not there any more for whoever tries.

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

/** Ada owns the group, Ann is an admin, Bob and Max are members, Eve has left, Zoe never was there. */
async function crew() {
  const all = await people(world, 'ada', 'ann', 'bob', 'max', 'eve', 'zoe');
  const { ada, ann, bob, max, eve } = all;
  const { channel } = await ada.createGroup([ann.userId, bob.userId, max.userId, eve.userId]);
  await ada.setRole(channel.id, ann.userId, 'ADMIN');
  const { message: ofEve } = await eve.send(channel.id, 'of Eve');
  await eve.leave(channel.id);
  const { message } = await bob.send(channel.id, 'of Bob');
  return { ...all, id: channel.id, message, ofEve };
}
const reply = async (talker: Talker, channelId: string, replyToId: string) => {
  const input = { channelId, text: 'an answer', nonce: `to ${replyToId} in ${channelId}`, replyToId };
  const { result } = await talker.query<{ result: { code?: string } }>(mutations.sendMessage, { input });
  return result.code ?? 'done';
};
const codeOf = async (answer: Promise<{ readonly code?: string }>) => (await answer).code ?? 'done';

describe('A11: a message of somebody else', () => {
  it.for([
    ['ada', 'NOT_YOURS', 'done', 'done'],
    ['ann', 'NOT_YOURS', 'done', 'done'],
    ['max', 'NOT_YOURS', 'NOT_YOURS', 'done'],
    ['bob', 'done', 'done', 'done'],
    ['eve', 'NOT_FOUND', 'NOT_FOUND', 'NOT_A_MEMBER'],
    ['zoe', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
  ] as const)('is for %s to edit: %s, to delete: %s, to answer: %s', async ([who, edit, erase, answer]) => {
    const { id, message, ada, ...others } = await crew();
    const talker = { ada, ...others }[who];
    const mayRead = answer === 'done';
    const { message: shown } = await talker.query<{
      message: { viewerCan: Record<string, { code: string | null }> } | null;
    }>(
      `query ($id: ID!) { message(id: $id) { viewerCan { edit { code } delete { code } reply { code } } } }`,
      { id: message.id },
    );
    const told =
      shown &&
      [shown.viewerCan.edit, shown.viewerCan.delete, shown.viewerCan.reply].map((one) => one?.code ?? 'done');
    expect(told).toEqual(mayRead ? [edit, erase, answer] : null);
    expect(await codeOf(talker.edit(message.id, 'changed'))).toBe(edit);
    expect(await reply(talker, id, message.id)).toBe(answer);
    expect((await ada.message(message.id))?.text).toBe(edit === 'done' ? 'changed' : 'of Bob');
    expect(await codeOf(talker.erase(message.id))).toBe(erase);
    expect((await ada.message(message.id))?.deletedAt).toEqual(erase === 'done' ? expect.any(String) : null);
  });

  it('cannot be deleted by an admin of another group, nor answered there', async () => {
    const { ada, message } = await crew();
    const { id: elsewhere } = (await ada.createGroup([])).channel;
    const { message: here } = await ada.send(elsewhere, 'here');
    expect(await reply(ada, elsewhere, message.id)).toBe('NOT_FOUND');
    const { zoe } = await crew();
    await zoe.createGroup([]);
    expect(await codeOf(zoe.erase(here.id))).toBe('NOT_FOUND');
    expect((await ada.message(here.id))?.text).toBe('here');
  });

  it('is nobody’s to edit in a direct channel either, and nobody’s to delete but the author’s', async () => {
    const { ada, bob, zoe } = await crew();
    const { channel } = await ada.openDirect(bob.userId);
    const { message } = await ada.send(channel.id, 'between us');
    expect([await codeOf(bob.edit(message.id, 'x')), await codeOf(bob.erase(message.id))]).toEqual([
      'NOT_YOURS',
      'NOT_YOURS',
    ]);
    expect([await codeOf(zoe.edit(message.id, 'x')), await codeOf(zoe.erase(message.id))]).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
    ]);
    expect(await ada.message(message.id)).toEqual(message);
  });
});

describe('A11: one’s own message', () => {
  it('is out of reach as soon as one has left, and within it again when one is back', async () => {
    const { ada, ann, eve, id, ofEve } = await crew();
    expect(await codeOf(eve.edit(ofEve.id, 'changed'))).toBe('NOT_FOUND');
    expect(await codeOf(eve.erase(ofEve.id))).toBe('NOT_FOUND');
    expect((await ada.message(ofEve.id))?.text).toBe('of Eve');
    await ann.add(id, eve.userId);
    expect(await codeOf(eve.edit(ofEve.id, 'changed'))).toBe('done');
  });

  it('is out of reach in the same request in which one leaves', async () => {
    const { ada, max, id } = await crew();
    const { message } = await max.send(id, 'of Max');
    const document = `mutation ($id: ID!, $messageId: ID!) {
      leaveChannel(input: { channelId: $id }) { __typename }
      editMessage(input: { messageId: $messageId, text: "changed" }) { ... on UserError { code } }
      deleteMessage(input: { messageId: $messageId }) { ... on UserError { code } }
      sendMessage(input: { channelId: $id, text: "x", nonce: "behind" }) { ... on UserError { code } }
    }`;
    expect(await max.query(document, { id, messageId: message.id })).toEqual({
      leaveChannel: { __typename: 'LeaveChannelPayload' },
      editMessage: { code: 'NOT_FOUND' },
      deleteMessage: { code: 'NOT_FOUND' },
      sendMessage: { code: 'NOT_A_MEMBER' },
    });
    expect((await ada.message(message.id))?.text).toBe('of Max');
  });
});

describe('A11: a role', () => {
  it('that was taken away gives nothing any more, nor does one that somebody gives themselves', async () => {
    const { ada, ann, max, id, message } = await crew();
    expect(await codeOf(ann.setRole(id, ann.userId, 'OWNER'))).toBe('ROLE_TOO_LOW');
    expect(await codeOf(max.setRole(id, max.userId, 'ADMIN'))).toBe('ROLE_TOO_LOW');
    await ada.setRole(id, ann.userId, 'MEMBER');
    expect(await codeOf(ann.erase(message.id))).toBe('NOT_YOURS');
    expect((await ada.message(message.id))?.text).toBe('of Bob');
  });
});

describe('A11: a deleted message', () => {
  it('is deleted once, by whomever, and is not edited, answered or brought back', async () => {
    const { ada, ann, bob, max, id, message } = await crew();
    await ann.erase(message.id);
    const tombstone = await ada.message(message.id);
    expect(tombstone).toMatchObject({ text: null, deletedAt: expect.any(String) });
    // Who deleted it may have missed the answer, and gets it again.
    expect(await codeOf(ann.erase(message.id))).toBe('done');
    for (const talker of [ada, bob]) expect(await codeOf(talker.erase(message.id))).toBe('ALREADY_DELETED');
    expect(await codeOf(max.erase(message.id))).toBe('NOT_YOURS');
    expect(await codeOf(bob.edit(message.id, 'back again'))).toBe('ALREADY_DELETED');
    expect(await codeOf(max.edit(message.id, 'mine'))).toBe('NOT_YOURS');
    expect(await reply(max, id, message.id)).toBe('ALREADY_DELETED');
    expect(await ada.message(message.id)).toEqual(tombstone);
    expect((await ada.history(id)).edges.map(({ node }) => node.text)).toEqual(['of Eve', null]);
  });

  it('is deleted at most once by each of many who do it at the same moment', async () => {
    const { ada, ann, bob, id, message } = await crew();
    const cursor = await ada.syncCursor();
    const talkers = [ada, ann, bob, ada, ann, bob];
    const codes = await Promise.all(talkers.map((talker) => codeOf(talker.erase(message.id))));
    expect(codes).toContain('done');
    const { events } = await ada.changes([cursor]);
    const deletions = events.filter(({ channelId }) => channelId === id);
    expect(deletions.length).toBe(new Set(deletions.map(({ by }) => by?.id)).size);
    for (const deletion of deletions) expect(deletion.message).toMatchObject({ id: message.id, text: null });
  });
});
