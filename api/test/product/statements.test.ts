import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { reply } from './replying.ts';
import { type Talker, talkerOf } from './talker.ts';

let world: World;
let ada: Talker;
let id: string;
/** 50 groups, each with a message; one of them with 100 members, 50 messages of as many authors, and 50 replies to those. */
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
  const people = await Promise.all(upTo(99).map(async () => talkerOf(await world.signUp())));
  ada = talkerOf(await world.signUp());
  const others = people.slice(0, 3).map(({ userId }) => userId);
  for (const n of upTo(49)) {
    const { channel } = await ada.createGroup(others, { name: `Group ${n}` });
    await ada.send(channel.id, 'hello');
  }
  id = (await ada.createGroup(people.map(({ userId }) => userId))).channel.id;
  for (const talker of people.slice(0, 50)) await talker.send(id, 'hello');
  // Each of the next fifty answers one of those, so a page of them leads to a hundred people.
  const { edges } = await ada.history(id, { last: 50 });
  for (const [index, { node }] of edges.entries())
    await reply(people[98 - index] ?? ada, id, { replyToId: node.id });
}, 120_000);
afterAll(() => world.close());

/** The statements that go to the database for this document, whoever sends them. */
async function statementsOf<Data>(document: string, variables = {}) {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    const data = await ada.query<Data>(document, variables);
    const statements = spy.mock.calls.map(([query]: unknown[]) =>
      typeof query === 'string' ? query : ((query as { text?: string } | null)?.text ?? ''),
    );
    return { data, statements: statements.filter((text) => !text.startsWith('SET ')) };
  } finally {
    spy.mockRestore();
  }
}

type List<T> = { edges: readonly { node: T }[] };
const many = (statements: readonly string[]) => `${statements.length} statements:\n${statements.join('\n')}`;

describe('the number of statements does not grow with what is asked for', () => {
  it('for 50 channels with what was said last, and who said it', async () => {
    const { data, statements } = await statementsOf<{ viewer: { channels: List<{ name: string }> } }>(
      '{ viewer { channels(first: 50) { edges { node { name memberCount lastMessage { text author { displayName } } } } } } }',
    );
    expect(data.viewer.channels.edges).toHaveLength(50);
    expect(statements.length, many(statements)).toBeLessThanOrEqual(8);
    expect(statements.length).toBeGreaterThan(3);
  });

  it('for 100 members: three, besides that for the channel', async () => {
    const { data, statements } = await statementsOf<{ channel: { members: List<{ role: string }> } }>(
      `query ($id: ID!) { channel(id: $id) { members(first: 100) { edges { node { role user { displayName } } } } } }`,
      { id },
    );
    expect(data.channel.members.edges).toHaveLength(100);
    expect(statements.length, many(statements)).toBeLessThanOrEqual(4);
  });

  it('for a page of 50 messages of as many authors, with what each answers and who said that: three in all', async () => {
    const person = 'id handle displayName colour';
    const fields = `id number text author { ${person} } channel { id name }
      replyToNumber replyTo { id text author { ${person} } } viewerCan { id edit { isAllowed } reply { isAllowed } }`;
    type Reply = { replyTo: { author: { id: string } } | null };
    for (const page of [
      'messages(last: 50)',
      'messages(first: 50)',
      'messagesAround(place: { number: 75 })',
    ]) {
      const { data, statements } = await statementsOf<{ channel: { page: List<Reply> } }>(
        `query ($id: ID!) { channel(id: $id) { name page: ${page} { edges { node { ${fields} } } } } }`,
        { id },
      );
      const nodes = data.channel.page.edges.map(({ node }) => node);
      expect(nodes.length).toBeGreaterThanOrEqual(50);
      // Around a place, a page is read in two halves.
      const most = page.startsWith('messagesAround') ? 4 : 3;
      expect(statements.length, many(statements)).toBeLessThanOrEqual(most);
      if (page === 'messages(last: 50)') expect(nodes.every(({ replyTo }) => replyTo?.author.id)).toBe(true);
    }
  });
});
