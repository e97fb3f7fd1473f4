import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId } from '../../../schema/ids.ts';
import { editMessage } from '../../../schema/message/edit-message.ts';
import { onAnotherServer, openWorld, type World } from '../world.ts';
import { type Message, type Refused, type Talker, talkerOf } from './talker.ts';

const document = `mutation ($input: EditMessageInput!) { result: editMessage(input: $input) {
  __typename ... on UserError { code } ... on Denied { until } ... on EditMessagePayload { message { id text revision } } } }`;
type Edited = Partial<Refused> & { readonly message: Message };
const edit = async (talker: Talker, input: object) =>
  (await talker.query<{ result: Edited }>(document, { input })).result;

describe.each(['memory', 'postgres'] as const)('an edit that insists on a revision, in %s', (log) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ log });
  });
  afterAll(() => world.close());

  async function written() {
    const person = await world.signUp();
    const ada = talkerOf(person);
    const { id } = (await ada.createGroup([])).channel;
    const { message } = await ada.send(id, 'first');
    return { person, ada, id, message };
  }
  const countOf = async (ada: Talker, cursor: string) => (await ada.changes([cursor])).events.length;

  it('changes the message that has it', async () => {
    const { ada, message } = await written();
    const second = await edit(ada, { messageId: message.id, text: 'second', ifRevision: message.revision });
    expect(second.message.text).toBe('second');
    const third = { messageId: message.id, text: 'third', ifRevision: second.message.revision };
    expect(await edit(ada, third)).toMatchObject({ message: { text: 'third' } });
  });

  it('leaves a message alone that was changed since, and records nothing', async () => {
    const { ada, message } = await written();
    await ada.edit(message.id, 'meanwhile');
    const cursor = await ada.syncCursor();
    for (const ifRevision of [message.revision, 0, 2 ** 53 - 1])
      expect(await edit(ada, { messageId: message.id, text: 'late', ifRevision })).toEqual({
        __typename: 'Denied',
        code: 'STALE',
        until: null,
      });
    expect(await countOf(ada, cursor)).toBe(0);
    expect((await ada.message(message.id))?.text).toBe('meanwhile');
  });

  it('is content when the message says that already: the answer was lost', async () => {
    const { ada, message } = await written();
    const input = { messageId: message.id, text: 'second', ifRevision: message.revision };
    const first = await edit(ada, input);
    expect(await edit(ada, input)).toEqual(first);
  });

  it('is refused as always by the other rules', async () => {
    const { ada, message } = await written();
    await ada.erase(message.id);
    const input = { messageId: message.id, text: 'second', ifRevision: message.revision };
    expect(await edit(ada, input)).toMatchObject({ code: 'ALREADY_DELETED' });
    const eve = talkerOf(await world.signUp());
    expect(await edit(eve, input)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await edit(ada, { ...input, text: '' })).toMatchObject({ code: 'EMPTY' });
  });

  it('wins alone when several devices insist on the same one at once', async () => {
    const { ada, message } = await written();
    let { revision: ifRevision } = message;
    for (let round = 0; round < 5; round += 1) {
      const cursor = await ada.syncCursor();
      const texts = Array.from({ length: 8 }, (_, index) => `${round}.${index}`);
      const answers = await Promise.all(
        texts.map((text) => edit(ada, { messageId: message.id, text, ifRevision })),
      );
      const [winner, ...others] = answers.filter(({ code }) => code === undefined);
      expect(others).toEqual([]);
      expect(answers.filter(({ code }) => code === 'STALE')).toHaveLength(7);
      expect(await countOf(ada, cursor)).toBe(1);
      expect(await ada.message(message.id)).toMatchObject({ text: winner?.message.text });
      ifRevision = winner?.message.revision ?? 0;
    }
  });

  it('is one edit when it is sent twice at once', async () => {
    const { ada, message } = await written();
    const cursor = await ada.syncCursor();
    const input = { messageId: message.id, text: 'second', ifRevision: message.revision };
    const answers = await Promise.all([edit(ada, input), edit(ada, input), edit(ada, input)]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.message.text).toBe('second');
    expect(await countOf(ada, cursor)).toBe(1);
  });

  it('never comes after a deletion that it did not see', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { ada, id, message } = await written();
      const cursor = await ada.syncCursor();
      const input = { messageId: message.id, text: 'second', ifRevision: message.revision };
      const [edited] = await Promise.all([edit(ada, input), ada.erase(message.id)]);
      if (edited.code) expect(edited.code).toBe('ALREADY_DELETED');
      const kinds = (await ada.changes([cursor])).events.map(({ __typename }) => __typename);
      expect(kinds).toEqual(edited.code ? ['MessageDeleted'] : ['MessageEdited', 'MessageDeleted']);
      expect((await ada.history(id)).edges[0]?.node.text).toBeNull();
    }
  });
});

it('holds between servers that look at the same moment', async () => {
  const world = await openWorld({ log: 'postgres' });
  try {
    const person = await world.signUp();
    const ada = talkerOf(person);
    const { id } = (await ada.createGroup([])).channel;
    const other = await onAnotherServer(world, person);
    for (let round = 0; round < 10; round += 1) {
      const { message } = await ada.send(id, 'first');
      const messageId = incomingId(message.id);
      const answers = await Promise.all(
        [person.scope, other.scope].map((scope, index) =>
          editMessage(scope, { messageId, text: `by ${index}`, ifRevision: message.revision }),
        ),
      );
      expect(answers.filter((answer) => 'message' in answer)).toHaveLength(1);
      expect(answers.filter((answer) => 'code' in answer && answer.code === 'STALE')).toHaveLength(1);
    }
    await other.close();
  } finally {
    await world.close();
  }
});
