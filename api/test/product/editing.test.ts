import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../../schema/stream/event.ts';
import { giveRole, openWorld, type World } from '../world.ts';
import { isCaughtUp, type Message, people, until } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

const denied = (code: string) => ({
  __typename: 'Denied',
  code,
  explanation: expect.any(String),
  until: null,
});

async function crew(roleOfBob: Role = 'MEMBER') {
  const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
  const { id } = (await ada.createGroup([bob.userId])).channel;
  await giveRole(world, { channelId: id, userId: bob.userId }, roleOfBob);
  return { ada, bob, eve, id };
}

describe('editing a message', () => {
  it('changes its text for everybody', async () => {
    const { ada, bob, id } = await crew();
    const { message } = await ada.send(id, 'frist');
    const edited = await ada.edit(message.id, 'first');
    expect(edited.message).toEqual({
      ...message,
      text: 'first',
      revision: expect.any(Number),
      editedAt: expect.any(String),
    });
    expect(edited.message.revision).toBeGreaterThan(message.revision);
    expect(await bob.message(message.id)).toEqual({ ...edited.message, nonce: null });
    const again = await ada.edit(message.id, 'First!');
    expect(again.message.revision).toBeGreaterThan(edited.message.revision);
  });

  it('changes nothing when the text is the same', async () => {
    const { ada, id } = await crew();
    const { message } = await ada.send(id, 'text');
    const cursor = await ada.syncCursor();
    expect(await ada.edit(message.id, 'text')).toMatchObject({ message });
    expect((await ada.changes([cursor])).events).toEqual([]);
  });

  it.for(['OWNER', 'ADMIN', 'MEMBER'] as const)(
    'is for the author alone, not for another %s',
    async (role) => {
      const { ada, bob, id } = await crew(role);
      const { message } = await ada.send(id, 'mine');
      expect(await bob.edit(message.id, 'yours')).toEqual(denied('NOT_YOURS'));
      expect((await ada.message(message.id))?.text).toBe('mine');
    },
  );

  it('is over when the message is deleted, or its author is gone', async () => {
    const { ada, bob, id } = await crew();
    const [gone, mine] = [await bob.send(id, 'gone'), await bob.send(id, 'mine')];
    await ada.erase(gone.message.id);
    expect(await bob.edit(gone.message.id, 'back')).toEqual(denied('ALREADY_DELETED'));
    await bob.leave(id);
    expect(await bob.edit(mine.message.id, 'other')).toEqual(denied('NOT_FOUND'));
    await ada.add(id, bob.userId);
    expect(await bob.edit(mine.message.id, 'other')).toMatchObject({ message: { text: 'other' } });
  });

  it.for([
    ['', 'EMPTY'],
    ['x'.repeat(4_001), 'TOO_LONG'],
    ['a\u0000', 'MALFORMED'],
  ] as const)('refuses what could not be sent: %#', async ([text, code]) => {
    const { ada, id } = await crew();
    const { message } = await ada.send(id, 'text');
    const refused = { __typename: 'InvalidInput', code, field: ['text'] };
    expect(await ada.edit(message.id, text)).toMatchObject(refused);
    expect(await ada.message(message.id)).toEqual(message);
  });

  it('finds messages only, and only where one is', async () => {
    const { ada, eve, id } = await crew();
    const { message } = await ada.send(id, 'text');
    const added = message.id.replace(/.$/, '1'); // the place of an event that is no message
    for (const messageId of [added, `${message.id}0`, id, 'msg', '']) {
      expect(await ada.edit(messageId, 'other')).toEqual(denied('NOT_FOUND'));
      expect(await ada.erase(messageId)).toEqual(denied('NOT_FOUND'));
    }
    expect(await eve.edit(message.id, 'other')).toEqual(denied('NOT_FOUND'));
    expect(await eve.erase(message.id)).toEqual(denied('NOT_FOUND'));
  });

  it('sees what the mutation before it in the same operation did', async () => {
    const { ada, bob, id } = await crew();
    const { message } = await bob.send(id, 'A');
    const document = `mutation ($id: ID!, $channelId: ID!) {
      toB: editMessage(input: { messageId: $id, text: "B" }) { ... on EditMessagePayload { message { text } } }
      toA: editMessage(input: { messageId: $id, text: "A" }) { ... on EditMessagePayload { message { text } } }
      leave: leaveChannel(input: { channelId: $channelId }) { ... on LeaveChannelPayload { channelId } }
      toC: editMessage(input: { messageId: $id, text: "C" }) { __typename ... on UserError { code } }
    }`;
    expect(await bob.query(document, { id: message.id, channelId: id })).toEqual({
      toB: { message: { text: 'B' } },
      toA: { message: { text: 'A' } },
      leave: { channelId: id },
      toC: { __typename: 'Denied', code: 'NOT_FOUND' },
    });
    expect((await ada.message(message.id))?.text).toBe('A');
  });
});

describe('deleting a message', () => {
  it.for([
    ['OWNER', 'yes'],
    ['ADMIN', 'yes'],
    ['MEMBER', 'NOT_YOURS'],
  ] as const)("somebody else's, as %s: %s", async ([role, answer]) => {
    const { ada, bob, id } = await crew(role);
    const { message } = await ada.send(id, 'text');
    const deleted = await bob.erase(message.id);
    if (answer !== 'yes') return expect(deleted).toEqual(denied(answer));
    expect(deleted.message).toEqual({
      ...message,
      nonce: null,
      text: null,
      revision: expect.any(Number),
      deletedAt: expect.any(String),
    });
  });

  it('answers the same to whoever repeats it, also when they have left since', async () => {
    const { ada, bob, id } = await crew();
    const { message } = await bob.send(id, 'text');
    const deleted = await bob.erase(message.id);
    expect(await bob.erase(message.id)).toEqual(deleted);
    expect(await ada.erase(message.id)).toEqual(denied('ALREADY_DELETED'));
    await bob.leave(id);
    expect(await bob.erase(message.id)).toEqual(deleted);
  });

  it('leaves a tombstone whoever wins when an edit and a deletion meet', async () => {
    const { ada, bob, id } = await crew();
    for (let round = 0; round < 10; round += 1) {
      const { message } = await bob.send(id, 'text');
      const [edited, erased] = await Promise.all([bob.edit(message.id, 'secret'), ada.erase(message.id)]);
      expect(erased).toMatchObject({ message: { text: null } });
      // The edit was first, or it was refused; its answer may show either.
      if (edited.code !== undefined) expect(edited).toEqual(denied('ALREADY_DELETED'));
      expect(await bob.message(message.id)).toMatchObject({ text: null, deletedAt: expect.any(String) });
    }
  });
});

describe('a deleted text', () => {
  const secret = 'the secret word is xyzzy';
  const edited = 'the other secret is plugh';
  const isClean = (value: unknown) => expect(JSON.stringify(value)).not.toMatch(/xyzzy|plugh/);

  async function erased() {
    const { ada, bob, id } = await crew();
    const before = await bob.syncCursor();
    const { message } = await ada.send(id, secret, 'n');
    await ada.edit(message.id, edited);
    const between = await bob.syncCursor();
    await ada.erase(message.id);
    return { ada, bob, id, message, before, between };
  }

  it('is gone from every read, for everybody', async () => {
    const { ada, bob, id, message } = await erased();
    for (const reader of [ada, bob]) {
      const document = `query ($id: ID!, $ids: [ID!]!) {
        node(id: $id) { ... on Message { text number deletedAt } }
        nodes(ids: $ids) { ... on Message { text } ... on Channel { lastMessage { text } } }
      }`;
      const found = await reader.query(document, { id: message.id, ids: [message.id, id] });
      expect(found).toMatchObject({ node: { text: null, number: 1, deletedAt: expect.any(String) } });
      isClean([found, await reader.message(message.id), await reader.history(id), await reader.channels()]);
    }
    isClean(await ada.send(id, secret, 'n'));
    isClean(await ada.erase(message.id));
  });

  it('is gone from every replay: events, changes, and the messages of a channel', async () => {
    const { bob, id, message, before, between } = await erased();
    for (const cursor of [before, between]) {
      const events = await bob.events([cursor]);
      const replayed = await until(events, isCaughtUp);
      await events.return?.();
      expect(replayed.at(-2)).toMatchObject({ __typename: 'MessageDeleted', messageId: message.id });
      const { events: listed } = await bob.changes([cursor]);
      expect(listed.map(({ eventId }) => eventId)).toEqual(
        replayed.slice(0, -1).map(({ eventId }) => eventId),
      );
      isClean([replayed, listed]);
    }
    const added = await bob.messageAdded(id, 0);
    const { value } = await added.next();
    await added.return?.();
    expect(value).toMatchObject({ id: message.id, text: null, deletedAt: expect.any(String) });
  });

  it('is gone from the tables', async () => {
    const { id } = await erased();
    const tables = await world.database.pool.query<{ table_name: string; column_name: string }>(
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea')`,
    );
    expect(tables.rows.map(({ table_name }) => table_name)).toContain('log_event');
    for (const { table_name, column_name } of tables.rows) {
      const found = await world.database.pool.query(
        `SELECT 1 FROM "${table_name}" WHERE "${column_name}"::text ~ 'xyzzy|plugh'`,
      );
      expect(found.rowCount, `${table_name}.${column_name} of ${id}`).toBe(0);
    }
  });

  it('does not reach a reader who was slow, not even one who is in the middle of a page', async () => {
    const { ada, bob, id } = await crew();
    const before = await bob.syncCursor();
    const sent: Message[] = [];
    for (let count = 0; count < 20; count += 1) sent.push((await ada.send(id, `${secret} ${count}`)).message);
    const [events, added] = [await bob.events([before]), await bob.messageAdded(id, 0)];
    await events.next();
    await added.next();
    for (const { id: messageId } of sent) await ada.erase(messageId);
    const isLast = ({ messageId, __typename }: { messageId?: string; __typename: string }) =>
      __typename === 'MessageDeleted' && messageId === sent.at(-1)?.id;
    isClean(await until(events, isLast));
    isClean(await until(added, ({ id: messageId }) => messageId === sent.at(-1)?.id));
    await Promise.all([events.return?.(), added.return?.()]);
  });
});
